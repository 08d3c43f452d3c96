/** A promise for many who wait for one write. */
export interface Batch {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

export function newBatch(): Batch {
  let resolve!: () => void
  let reject!: (error: Error) => void
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  // Whoever needs the outcome awaits it; a batch nobody waits for must not end the process.
  promise.catch(() => undefined)
  return { promise, resolve, reject }
}
