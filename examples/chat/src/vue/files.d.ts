// What tsc, which cannot read them, takes the `.vue` files for; vue-tsc reads the files themselves.
declare module '*.vue' {
  import type { Component } from 'vue'

  const component: Component
  export default component
}
