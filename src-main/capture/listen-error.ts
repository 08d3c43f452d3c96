import { AppError } from '../../src-shared/errors.ts'

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not listen there (ports below 1024 are often reserved)',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'there is no such host name',
  EAFNOSUPPORT: 'this machine has no such kind of address',
  ERR_SOCKET_BAD_PORT: 'a port is a number from 0 to 65535',
}

const addressFaults = new Set(['EADDRNOTAVAIL', 'ENOTFOUND', 'EAFNOSUPPORT'])

/** The expected failure that an error of `listen` stands for, naming the option that mends it. */
export function listenError(error: unknown, host: string, port: number): AppError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'EADDRINUSE') {
    return new AppError('port_in_use', { port, host, option: '--capture-port' }, { cause: error })
  }
  const reason = reasons[code] ?? (error instanceof Error ? error.message : 'unknown reason')
  const option = addressFaults.has(code) ? '--host' : '--capture-port'
  return new AppError('port_unusable', { host, port, reason, option }, { cause: error })
}
