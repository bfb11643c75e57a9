/** Numbers as the tables show them. */

export function count(value: number): string {
  if (value >= 999_500) return `${(value / 1e6).toFixed(2)} M`
  if (value >= 10_000) return `${Math.round(value / 1e3)} k`
  if (value >= 1_000) return `${(value / 1e3).toFixed(1)} k`
  return String(Math.round(value))
}

export function fixed(digits: number): (value: number) => string {
  return (value) => value.toFixed(digits)
}

export function microseconds(seconds: number): string {
  return `${(seconds * 1e6).toFixed(3)} µs`
}

export function milliseconds(value: number): string {
  return `${value.toFixed(2)} ms`
}

export function bytes(value: number): string {
  return `${(value / 1_000).toFixed(1)} kB`
}

export function percent(fraction: number): string {
  return `${Math.round(fraction * 100)} %`
}
