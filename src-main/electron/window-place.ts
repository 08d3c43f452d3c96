import { z } from 'zod'

/** Where a window stands, in device-independent pixels. */
const rectangle = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int(),
  height: z.number().int(),
})
export type Rectangle = z.infer<typeof rectangle>

export const windowPlaceSchema = z.object({ bounds: rectangle, maximized: z.boolean() })
export type WindowPlace = z.infer<typeof windowPlaceSchema>

export const smallestWindow = { width: 720, height: 480 }
const usualSize = { width: 1280, height: 800 }
/** As much of the title bar must be in reach. */
const grip = { width: 120, height: 32 }

/**
 * Where to open the window: as it was, if enough of it can still be seen; screens come and go.
 * @param screens the work areas of all displays, the primary one first
 */
export function placeFor(
  kept: WindowPlace | null,
  screens: readonly Rectangle[],
): Partial<Rectangle> & { width: number; height: number } {
  const [primary] = screens
  if (kept === null || primary === undefined) return shrunk(usualSize, primary)
  const { bounds } = kept
  const home = screens.find((screen) => reachable(bounds, screen))
  if (home === undefined) return shrunk(bounds, primary)
  const size = shrunk(bounds, home)
  if (size.width === bounds.width && size.height === bounds.height) return bounds
  // It was larger than this screen is now: as much of it as possible stays in view.
  return {
    ...size,
    x: Math.max(home.x, Math.min(bounds.x, home.x + home.width - size.width)),
    y: Math.max(home.y, Math.min(bounds.y, home.y + home.height - size.height)),
  }
}

function shrunk(
  { width, height }: { width: number; height: number },
  screen: Rectangle | undefined,
): { width: number; height: number } {
  return {
    width: Math.max(smallestWindow.width, Math.min(width, screen?.width ?? width)),
    height: Math.max(smallestWindow.height, Math.min(height, screen?.height ?? height)),
  }
}

function reachable(window: Rectangle, screen: Rectangle): boolean {
  const across = Math.min(window.x + window.width, screen.x + screen.width) - Math.max(window.x, screen.x)
  const topInside = window.y >= screen.y && window.y + grip.height <= screen.y + screen.height
  return across >= grip.width && topInside
}
