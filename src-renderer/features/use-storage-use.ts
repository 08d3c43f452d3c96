import { useEffect, useState } from 'react'
import type { OperationOutput } from '../../src-shared/api/contract.ts'
import { useServices } from '../app/services.ts'
import { sentenceOf } from '../stores/problem.ts'

/** What is used, read again and again. */
export function useStorageUse(everyMs: number) {
  const { call } = useServices()
  const [use, setUse] = useState<OperationOutput<'storage.get'> | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => {
    let wanted = true
    const read = (): void => {
      call('storage.get', {}).then(
        (found) => {
          if (!wanted) return
          setUse(found)
          setProblem(null)
        },
        (error: unknown) => wanted && setProblem(sentenceOf(error)),
      )
    }
    read()
    const timer = setInterval(read, everyMs)
    return () => {
      wanted = false
      clearInterval(timer)
    }
  }, [call, everyMs])
  return { use, problem }
}
