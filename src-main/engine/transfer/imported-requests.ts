import { isCurl, requestsOfCurl } from './curl-requests.ts'
import { isHar, requestsOfHar } from './har-requests.ts'

/**
 * The requests of a file as raw HTTP: a HAR's, those of cURL commands, or the file itself.
 * @throws AppError `invalid_input`
 */
export function requestsIn(bytes: Uint8Array): readonly Uint8Array[] {
  if (isHar(bytes)) return requestsOfHar(bytes)
  return isCurl(bytes) ? requestsOfCurl(bytes) : [bytes]
}
