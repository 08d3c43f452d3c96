import type { ReactNode } from 'react'
import { Group, Panel, Separator, useDefaultLayout } from 'react-resizable-panels'

/** List and detail side by side; the border moves, and stays where it was put. */
export function Split({
  name,
  list,
  detail,
}: {
  readonly name: string
  readonly list: ReactNode
  readonly detail: ReactNode | null
}) {
  const { defaultLayout, onLayoutChanged } = useDefaultLayout({
    id: `hookbench.${name}`,
    panelIds: detail === null ? ['list'] : ['list', 'detail'],
    storage: localStorage,
  })
  return (
    <Group
      className="split"
      orientation="horizontal"
      {...(defaultLayout === undefined ? {} : { defaultLayout })}
      onLayoutChanged={onLayoutChanged}
    >
      <Panel id="list" className="split-list" minSize="320px" defaultSize="46%">
        {list}
      </Panel>
      {detail !== null && (
        <>
          <Separator className="split-handle" aria-label="Resize list and detail" />
          <Panel id="detail" className="split-detail" minSize="360px" defaultSize="54%">
            {detail}
          </Panel>
        </>
      )}
    </Group>
  )
}
