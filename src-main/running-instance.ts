import { AppError } from '../src-shared/errors.ts'
import { readInstance, type Instance } from './data-folder.ts'
import { lockOwner } from './storage/folder-lock.ts'

/** The running Hookbench of a folder, if its API can be reached. */
export async function runningInstance(folder: string): Promise<Instance | null> {
  const instance = await readInstance(folder)
  if (instance === null) return null
  const owner = await lockOwner(folder)
  return owner !== null && owner.pid === instance.pid ? instance : null
}

/** A link that logs a browser in to a running Hookbench, once, within a minute. @throws AppError `instance_unreachable` */
export async function requestLoginLink(instance: Instance): Promise<string> {
  const response = await fetch(`${instance.api}/session/links`, {
    method: 'POST',
    headers: { authorization: `Bearer ${instance.token}`, 'content-type': 'application/json' },
    body: '{}',
  }).catch((cause: unknown) => {
    throw new AppError('instance_unreachable', { pid: instance.pid, reason: String(cause) }, { cause })
  })
  if (!response.ok)
    throw new AppError('instance_unreachable', {
      pid: instance.pid,
      reason: `it answered ${response.status}`,
    })
  const { url } = (await response.json()) as { url: string }
  return url
}
