import { lazy, Suspense } from 'react'
import type { CodeEditorProps } from './code-editor.tsx'

const CodeEditor = lazy(() => import('./code-editor.tsx').then((module) => ({ default: module.CodeEditor })))

/** The code editor, loaded when it is first needed. */
export function Editor(props: CodeEditorProps) {
  return (
    <Suspense fallback={<div className="code-editor" aria-busy="true" />}>
      <CodeEditor {...props} />
    </Suspense>
  )
}
