import { HoldfastProvider } from '@holdfast/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import type { Mount } from '../shared/visit.ts'
import { Room } from './room.tsx'

export const mountReact: Mount = (target, visit) => {
  const root = createRoot(target)
  root.render(
    <StrictMode>
      <HoldfastProvider client={visit.client}>
        <Room visit={visit} />
      </HoldfastProvider>
    </StrictMode>,
  )
  return () => root.unmount()
}
