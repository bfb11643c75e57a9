import { useConnectionStatus } from '@holdfast/react'

export function Connection() {
  const { status, reason, isConnected, retryAt } = useConnectionStatus()
  if (isConnected) return null
  return (
    <p role="status">
      {status} ({reason}){retryAt && `, next try at ${new Date(retryAt).toLocaleTimeString()}`}
    </p>
  )
}
