import { Command } from 'cmdk'
import { useStore } from 'zustand'
import { Key } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { commandsOf } from '../stores/commands-store.ts'
import { useServices } from './services.ts'

/** Everything that can be done now, by name. */
export function Palette() {
  const { commands } = useServices()
  const { palette, offers, showPalette } = useStore(commands)
  if (!palette) return null
  const all = commandsOf(offers)
  const groups = [...new Set(all.map(({ group }) => group))]
  return (
    <Dialog title="Commands" bare onClose={() => showPalette(false)}>
      <Command label="Commands" className="palette">
        <Command.Input className="palette-input" placeholder="What do you want to do?" />
        <Command.List className="palette-list">
          <Command.Empty className="quiet pad">Nothing of that name.</Command.Empty>
          {groups.map((group) => (
            <Command.Group key={group} heading={group}>
              {all
                .filter((command) => command.group === group)
                .map((command) => (
                  <Command.Item
                    key={command.id}
                    value={`${command.label} ${command.id}`}
                    className="palette-item"
                    onSelect={() => {
                      showPalette(false)
                      command.run()
                    }}
                  >
                    <span>{command.label}</span>
                    {command.key !== undefined && <Key>{keyName(command.key)}</Key>}
                  </Command.Item>
                ))}
            </Command.Group>
          ))}
        </Command.List>
      </Command>
    </Dialog>
  )
}

/** All keys that do something here. */
export function Shortcuts() {
  const { commands } = useServices()
  const { shortcuts, offers, showShortcuts } = useStore(commands)
  if (!shortcuts) return null
  const keyed = commandsOf(offers).filter((command) => command.key !== undefined)
  const groups = [...new Set(keyed.map(({ group }) => group))]
  return (
    <Dialog title="Keys" wide onClose={() => showShortcuts(false)}>
      <div className="shortcut-groups">
        {groups.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl className="shortcuts">
              {keyed
                .filter((command) => command.group === group)
                .map((command) => (
                  <div key={command.id}>
                    <dt>
                      <kbd className="key">{keyName(command.key ?? '')}</kbd>
                    </dt>
                    <dd>{command.label}</dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
        <section>
          <h3>Everywhere</h3>
          <dl className="shortcuts">
            <div>
              <dt>
                <kbd className="key">Ctrl K</kbd>
              </dt>
              <dd>Commands</dd>
            </div>
            <div>
              <dt>
                <kbd className="key">F8</kbd>
              </dt>
              <dd>Go to messages</dd>
            </div>
          </dl>
        </section>
      </div>
    </Dialog>
  )
}

function keyName(key: string): string {
  return key === 'Escape' ? 'Esc' : key
}
