declare global {
  namespace App {
    interface Locals {
      visitorId: string
    }
  }
}

export {}
