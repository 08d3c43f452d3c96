/**
 * Epoch milliseconds as ISO 8601 in UTC, `2026-03-19T12:00:00.000Z`. Under load many moments are the same millisecond,
 * and writing one out costs more than the rest of its row: the latest is remembered.
 */
export const iso: (epochMs: number) => string = rememberingIso()

function rememberingIso(): (epochMs: number) => string {
  let latestMs = Number.NaN
  let latest = ''
  return (epochMs) => {
    if (epochMs !== latestMs) {
      latest = new Date(epochMs).toISOString()
      latestMs = epochMs
    }
    return latest
  }
}
