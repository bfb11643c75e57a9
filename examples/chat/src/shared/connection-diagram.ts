/** `<connection-diagram status previous>`: the same picture in every framework. */
import type { Status } from '@holdfast/core'

const NODES: Readonly<Record<Status, { readonly x: number; readonly y: number }>> = {
  CONNECTING: { x: 2, y: 2 },
  ONLINE: { x: 158, y: 2 },
  OFFLINE: { x: 2, y: 82 },
  AWAY: { x: 158, y: 82 },
}
const WIDTH = 100
const HEIGHT = 36

type Edge = readonly [from: Status, to: Status, x1: number, y1: number, x2: number, y2: number]

const EDGES: readonly Edge[] = [
  ['OFFLINE', 'CONNECTING', 40, 80, 40, 41],
  ['CONNECTING', 'OFFLINE', 64, 40, 64, 79],
  ['CONNECTING', 'ONLINE', 104, 13, 155, 13],
  ['ONLINE', 'CONNECTING', 156, 27, 105, 27],
  ['ONLINE', 'AWAY', 196, 40, 196, 79],
  ['AWAY', 'ONLINE', 220, 80, 220, 41],
  ['ONLINE', 'OFFLINE', 160, 40, 103, 80],
  ['AWAY', 'CONNECTING', 160, 80, 103, 40],
  ['AWAY', 'OFFLINE', 156, 100, 105, 100],
]
const HEAD = 6

const SVG = `<svg viewBox="0 0 260 120" role="img">
  ${EDGES.map(edgeOf).join('')}
  ${Object.entries(NODES).map(nodeOf).join('')}
</svg>`

/** The four states and the ways between them; the current one and the last way taken stand out. */
export class ConnectionDiagram extends HTMLElement {
  static readonly observedAttributes: readonly string[] = ['status', 'previous']

  connectedCallback(): void {
    this.innerHTML = SVG
    this.#show()
  }

  attributeChangedCallback(): void {
    this.#show()
  }

  #show(): void {
    const status = this.getAttribute('status')
    const previous = this.getAttribute('previous')
    for (const node of this.querySelectorAll<SVGElement>('.node'))
      node.classList.toggle('current', node.dataset.status === status)
    for (const edge of this.querySelectorAll<SVGElement>('.edge'))
      edge.classList.toggle('taken', edge.dataset.way === `${previous} ${status}`)
    const before = previous === status ? '' : `, before that ${previous}`
    const label = `Of CONNECTING, ONLINE, AWAY and OFFLINE the connection is ${status}${before}.`
    this.firstElementChild?.setAttribute('aria-label', label)
  }
}

function edgeOf([from, to, x1, y1, x2, y2]: Edge): string {
  const angle = Math.atan2(y2 - y1, x2 - x1)
  const barb = (turn: number): string => {
    const x = x2 - HEAD * Math.cos(angle + turn)
    const y = y2 - HEAD * Math.sin(angle + turn)
    return `M${x.toFixed(1)} ${y.toFixed(1)}L${x2} ${y2}`
  }
  const line = `M${x1} ${y1}L${x2} ${y2}`
  return `<path class="edge" data-way="${from} ${to}" d="${line}${barb(0.5)}${barb(-0.5)}"/>`
}

function nodeOf([name, { x, y }]: readonly [string, { readonly x: number; readonly y: number }]): string {
  return `<g class="node" data-status="${name}">
    <rect x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}" rx="8"/>
    <text x="${x + WIDTH / 2}" y="${y + HEIGHT / 2}">${name}</text>
  </g>`
}

customElements.define('connection-diagram', ConnectionDiagram)
