import { pushEventSchemas, type PushEventName, type PushMessage } from './push-events.ts'

/**
 * Server-sent events as text. Only what this API sends is written and read: one `id`, `event` and `data` line each.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html, 9.2.6
 */

/** A message with the id from which a later connection goes on. */
export interface StreamedMessage {
  readonly id: string
  readonly message: PushMessage
}

/** One event as its bytes on the wire. */
export function encodeMessage({ id, message }: StreamedMessage): string {
  return `id: ${id}\nevent: ${message.event}\ndata: ${JSON.stringify(message.data)}\n\n`
}

/** Takes the stream's text in pieces, cut anywhere, and hands out whole messages. Unknown events are passed over. */
export function createStreamParser(onMessage: (message: StreamedMessage) => void): (text: string) => void {
  let rest = ''
  return (text) => {
    const blocks = (rest + text).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const parsed = parseBlock(block)
      if (parsed !== null) onMessage(parsed)
    }
  }
}

function parseBlock(block: string): StreamedMessage | null {
  const fields = new Map<string, string>()
  for (const line of block.split('\n')) {
    const colon = line.indexOf(': ')
    // A line that begins with a colon is a comment: the heartbeat.
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 2))
  }
  const event = fields.get('event')
  if (event === undefined || !Object.hasOwn(pushEventSchemas, event)) return null
  const data: unknown = JSON.parse(fields.get('data') ?? '{}')
  return {
    id: fields.get('id') ?? '',
    message: { event: event as PushEventName, data } as PushMessage,
  }
}
