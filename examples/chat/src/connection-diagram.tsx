import type { Status } from '@holdfast/core'
import type { ReactElement } from 'react'

interface Edge {
  readonly from: Status
  readonly to: Status
  /** An SVG path. */
  readonly path: string
}

const NODES: Readonly<Record<Status, { readonly x: number; readonly y: number }>> = {
  CONNECTING: { x: 4, y: 4 },
  ONLINE: { x: 196, y: 4 },
  OFFLINE: { x: 4, y: 104 },
  AWAY: { x: 196, y: 104 },
}
const WIDTH = 120
const HEIGHT = 42

const EDGES: readonly Edge[] = [
  { from: 'OFFLINE', to: 'CONNECTING', path: 'M52 104V50' },
  { from: 'CONNECTING', to: 'OFFLINE', path: 'M76 46V100' },
  { from: 'CONNECTING', to: 'ONLINE', path: 'M124 17H192' },
  { from: 'ONLINE', to: 'CONNECTING', path: 'M196 33H128' },
  { from: 'ONLINE', to: 'AWAY', path: 'M244 46V100' },
  { from: 'AWAY', to: 'ONLINE', path: 'M268 104V50' },
  { from: 'ONLINE', to: 'OFFLINE', path: 'M200 46L127 104' },
  { from: 'AWAY', to: 'CONNECTING', path: 'M200 104L127 48' },
  { from: 'AWAY', to: 'OFFLINE', path: 'M196 125H128' },
]

export interface ConnectionDiagramProps {
  readonly status: Status
  readonly previous: Status
}

/** The four states and the ways between them; the current one and the last way taken stand out. */
export function ConnectionDiagram({ status, previous }: ConnectionDiagramProps): ReactElement {
  return (
    <svg className="diagram" viewBox="0 0 320 150" role="img" aria-label={describe(status, previous)}>
      <defs>
        {['arrow', 'arrow-taken'].map((id) => (
          <marker
            key={id}
            id={id}
            className={id}
            viewBox="0 0 8 8"
            refX="6"
            refY="4"
            markerWidth="8"
            markerHeight="8"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d="M0 0L8 4L0 8Z" />
          </marker>
        ))}
      </defs>
      {EDGES.map(({ from, to, path }) => {
        const isTaken = from === previous && to === status
        return (
          <path
            key={path}
            d={path}
            className={isTaken ? 'edge taken' : 'edge'}
            markerEnd={isTaken ? 'url(#arrow-taken)' : 'url(#arrow)'}
          />
        )
      })}
      {Object.entries(NODES).map(([name, { x, y }]) => (
        <g key={name} className={name === status ? 'node current' : 'node'} data-status={name}>
          <rect x={x} y={y} width={WIDTH} height={HEIGHT} rx="10" />
          {name === status && <circle cx={x + 12} cy={y + HEIGHT / 2} r="3.5" />}
          <text x={x + WIDTH / 2 + (name === status ? 7 : 0)} y={y + HEIGHT / 2}>
            {name}
          </text>
        </g>
      ))}
    </svg>
  )
}

function describe(status: Status, previous: Status): string {
  const before = previous === status ? '' : `, before that ${previous}`
  return `Of CONNECTING, ONLINE, AWAY and OFFLINE the connection is ${status}${before}.`
}
