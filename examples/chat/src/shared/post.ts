/** Posts JSON to the demo's own server, and says in a sentence what went wrong. */
export async function post<T>(path: string, body: unknown): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  } catch (cause) {
    throw new Error('The server cannot be reached. Try again in a moment.', { cause })
  }
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.error)
  return answer
}
