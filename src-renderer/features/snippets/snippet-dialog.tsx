import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { type Snippet } from '../../../src-shared/model/snippet.ts'
import {
  snippetLanguageNames as names,
  snippetLanguages,
  type SnippetLanguageId,
} from '../../../src-shared/model/snippet-languages.ts'
import { useServices } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import { writeClipboard } from '../../parts/clipboard.ts'
import { CopyText } from '../../parts/copy.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { LineView } from '../../parts/line-view.tsx'
import { Notice } from '../../parts/notice.tsx'
import { saveFile } from '../../parts/save-file.ts'
import { Tabs } from '../../parts/tabs.tsx'
import { sentenceOf } from '../../stores/problem.ts'

/** Code of a receiver that checks the provider's signature, in the language that was looked at last. */
export function SnippetDialog({
  provider,
  onClose,
}: {
  readonly provider: { readonly id: string; readonly name: string }
  readonly onClose: () => void
}) {
  const { preferences } = useServices()
  const { language, setLanguage } = useStore(preferences)
  return (
    <Dialog
      title={`Receiver code for ${provider.name}`}
      description="A whole program to run and to copy from: it answers 200 to what the secret has signed, and 401 to everything else. The secret is not in it."
      wide
      onClose={onClose}
    >
      <Tabs
        label="Languages"
        value={language}
        onChange={(chosen) => setLanguage(snippetLanguages.find((each) => each === chosen) ?? language)}
        tabs={snippetLanguages.map((id) => ({
          id,
          label: names[id],
          content: <Code provider={provider.id} language={id} />,
        }))}
      />
    </Dialog>
  )
}

function Code({ provider, language }: { readonly provider: string; readonly language: SnippetLanguageId }) {
  const { call, toasts } = useServices()
  const [snippet, setSnippet] = useState<Snippet | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => {
    let isWanted = true
    call('providers.snippet', { id: provider, language }).then(
      (found) => isWanted && setSnippet(found),
      (error: unknown) => isWanted && setProblem(sentenceOf(error)),
    )
    return () => {
      isWanted = false
    }
  }, [call, provider, language])
  if (problem !== null) return <Notice tone="bad">{problem}</Notice>
  if (snippet === null) return null
  const { code, run, file_name: name } = snippet
  const copy = (): void =>
    void writeClipboard(code).then(() => toasts.getState().show({ text: 'Copied the receiver code' }))
  const save = (): void => {
    const bytes = new TextEncoder().encode(code)
    const document = {
      media_type: 'text/plain',
      file_name: name,
      bytes,
      offset: 0,
      total_bytes: bytes.length,
    }
    saveFile(document, name)
  }
  return (
    <div className="snippet">
      <LineView text={code.trimEnd()} label={`Receiver code in ${names[language]}`} mostLines={24} />
      <p>
        <CopyText text={run} label="Copy the command line" />
      </p>
      <footer className="dialog-foot">
        <Button onClick={save}>Save as {name}</Button>
        <Button look="primary" onClick={copy}>
          Copy
        </Button>
      </footer>
    </div>
  )
}
