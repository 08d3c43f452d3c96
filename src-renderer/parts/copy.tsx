import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { IconButton } from './button.tsx'
import { writeClipboard } from './clipboard.ts'
import { visible } from './words.ts'

const shownMs = 1500

/** Puts text on the clipboard and says so for a moment. */
export function CopyButton({ text, label = 'Copy' }: { readonly text: string; readonly label?: string }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), shownMs)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = (): void => {
    void writeClipboard(text).then(() => setCopied(true))
  }
  return (
    <IconButton label={copied ? 'Copied' : label} onClick={copy} className="copy">
      {copied ? <Check size={14} aria-hidden="true" /> : <Copy size={14} aria-hidden="true" />}
    </IconButton>
  )
}

/** An id, address or the like in monospace, with a button that copies it. */
export function CopyText({ text, label }: { readonly text: string; readonly label?: string }) {
  return (
    <span className="copy-text">
      <bdi className="mono">{visible(text)}</bdi>
      <CopyButton text={text} label={label ?? `Copy ${text}`} />
    </span>
  )
}
