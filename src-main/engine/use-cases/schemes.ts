import type { Handlers } from '../../../src-shared/api/contract.ts'
import { AppError } from '../../../src-shared/errors.ts'
import type { SchemeId } from '../../../src-shared/model/ids.ts'
import type { OwnScheme } from '../../../src-shared/model/own-scheme.ts'
import type { SignatureScheme } from '../../../src-shared/model/scheme.ts'
import { rejudgeLater } from '../capture/capturing.ts'
import { given, invalidField, onePage, type EngineContext } from './context.ts'

type SchemeHandlers = Pick<
  Handlers,
  'schemes.list' | 'schemes.create' | 'schemes.get' | 'schemes.change' | 'schemes.delete'
>

/** What is signed has to stand somewhere in the request. @throws AppError `invalid_input` */
export function checkScheme(scheme: SignatureScheme): void {
  if (scheme.kind !== 'hmac') return
  const { content, format, timestamp_header: timestampHeader, timestamp_path: timestampPath } = scheme
  const hasTimestamp = format.includes('{timestamp}') || Boolean(timestampHeader ?? timestampPath)
  if (content.includes('timestamp') && !hasTimestamp)
    throw invalidField(
      'scheme.timestamp_header',
      'is needed (or a path, or {timestamp} in the format): the timestamp belongs to the signed content',
    )
  if (content.includes('id') && !(scheme.id_header ?? scheme.id_path))
    throw invalidField('scheme.id_header', 'is needed (or a path): the id belongs to the signed content')
}

export function schemeHandlers(context: EngineContext): SchemeHandlers {
  const { store, ids } = context
  const required = (id: SchemeId): OwnScheme => {
    const scheme = store.schemes.get(id)
    if (scheme === undefined) throw new AppError('scheme_not_found', { id })
    return scheme
  }
  const put = async (scheme: OwnScheme): Promise<OwnScheme> => {
    checkScheme(scheme.scheme)
    await store.commit([{ kind: 'scheme.put', scheme }])
    for (const endpoint of store.endpoints.list())
      if (endpoint.scheme_id === scheme.id) rejudgeLater(context, endpoint)
    return scheme
  }
  return {
    'schemes.list': async () => onePage(store.schemes.list()),
    'schemes.get': async ({ id }) => required(id),
    'schemes.create': async (input) => put({ id: ids.uuid() as SchemeId, ...input }),
    'schemes.change': async ({ id, ...change }) => put({ ...required(id), ...given(change) }),
    'schemes.delete': async ({ id }) => {
      required(id)
      const user = store.endpoints.list().find((endpoint) => endpoint.scheme_id === id)
      if (user !== undefined) {
        throw new AppError('conflict', {
          message: `The endpoint ${user.name} verifies with this scheme; give it another first.`,
        })
      }
      await store.commit([{ kind: 'scheme.delete', id }])
      return {}
    },
  }
}
