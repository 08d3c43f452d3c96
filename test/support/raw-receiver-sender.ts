import { createSender } from '../../src-main/sender/sender.ts'
import type { SenderOptions } from '../../src-main/sender/sender.ts'
import type { OutgoingRequest, Sender } from '../../src-main/engine/ports.ts'
import { systemClock } from '../../src-main/system-clock.ts'

/** A request with the defaults of a destination: POST of `{}`, two seconds, free URL rules. */
export function outgoing(url: string, changes: Partial<OutgoingRequest> = {}): OutgoingRequest {
  return {
    method: 'POST',
    url,
    headers: [['Content-Type', 'application/json']],
    body: new TextEncoder().encode('{}'),
    timeoutMs: 2_000,
    followRedirects: false,
    strictUrlRules: false,
    tls: {},
    ...changes,
  }
}

/** A real sender on the real clock. Closed by `await using`. */
export function realSender(options: Partial<SenderOptions> = {}): Sender & AsyncDisposable {
  const sender = createSender({ clock: systemClock, ...options })
  return { ...sender, [Symbol.asyncDispose]: () => sender.close() }
}

/** An excerpt as text. */
export function text(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes)
}
