/** Visitors have no names of their own. */
export const nameOf = (visitorId: string): string => `Visitor ${visitorId.slice(0, 4)}`
