import {
  Ban,
  CheckCircle2,
  CircleDashed,
  CircleSlash,
  LoaderCircle,
  PauseCircle,
  RotateCw,
  ShieldCheck,
  ShieldQuestion,
  ShieldX,
  XCircle,
  type LucideIcon,
} from 'lucide-react'
import type { VerdictStatus } from '../../src-shared/model/capture.ts'
import type { DestinationView } from '../../src-shared/model/destination.ts'
import type { DeliveryStatus } from '../../src-shared/model/delivery.ts'

type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'quiet'

const icons: Readonly<Record<State, readonly [LucideIcon, Tone]>> = {
  pending: [CircleDashed, 'quiet'],
  processing: [LoaderCircle, 'busy'],
  retrying: [RotateCw, 'warn'],
  succeeded: [CheckCircle2, 'good'],
  failed: [XCircle, 'bad'],
  verified: [ShieldCheck, 'good'],
  rejected: [ShieldX, 'bad'],
  unsigned: [CircleSlash, 'quiet'],
  unchecked: [ShieldQuestion, 'quiet'],
  active: [CheckCircle2, 'good'],
  paused: [PauseCircle, 'warn'],
  disabled: [Ban, 'quiet'],
}

type State = DeliveryStatus | VerdictStatus | DestinationView['status']

/** A state as icon and word: never by colour alone. */
export function Status({ of }: { readonly of: State }) {
  const [Icon, tone] = icons[of]
  return (
    <span className={`status ${tone}`}>
      <Icon size={14} aria-hidden="true" className={of === 'processing' ? 'spin' : undefined} />
      {of}
    </span>
  )
}

/** A status of HTTP, in the colour of its class. */
export function HttpStatus({ of }: { readonly of: number | null }) {
  if (of === null) return <span className="quiet">–</span>
  const tone = of < 300 ? 'good' : of < 400 ? 'warn' : 'bad'
  return <span className={`http-status ${tone}`}>{of}</span>
}
