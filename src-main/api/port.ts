import { createServer } from 'node:net'
import { AppError } from '../../src-shared/errors.ts'

/** The expected failure that an error of `listen` stands for. */
export function portError(error: unknown, host: string, port: number): AppError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE')
    return new AppError('port_in_use', { port, host, option: '--port' }, { cause: error })
  const reason =
    code === 'EACCES'
      ? 'it needs more rights'
      : code === 'EADDRNOTAVAIL'
        ? 'this machine has no such address'
        : String(error)
  return new AppError('port_unusable', { port, host, reason, option: '--port' }, { cause: error })
}

/**
 * Listens for a moment, to find out before anything is made on disk.
 * @throws AppError `port_in_use`, `port_unusable`
 */
export async function tryPort(host: string, port: number): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(portError(error, host, port)))
    server.listen({ host, port }, resolve)
  })
  await new Promise((resolve) => server.close(resolve))
}
