import { useEffect, useState } from 'react'
import type { JsonObject } from '../../src-shared/model/json.ts'
import { useServices } from '../app/services.ts'
import { sentenceOf } from '../stores/problem.ts'

/** A sample payload of an event. */
export function useSample(providerId: string | null, type: string | null) {
  const { call } = useServices()
  const [state, setState] = useState<{ payload: JsonObject; problem: string | null }>({
    payload: {},
    problem: null,
  })
  useEffect(() => {
    if (providerId === null || type === null) return
    let wanted = true
    call('providers.sample', { id: providerId, type }).then(
      (payload) => wanted && setState({ payload, problem: null }),
      (error: unknown) => wanted && setState({ payload: {}, problem: sentenceOf(error) }),
    )
    return () => {
      wanted = false
    }
  }, [call, providerId, type])
  return state
}
