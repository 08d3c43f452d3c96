import { describe, expect, it } from 'vitest'
import { placeFor, windowPlaceSchema } from '../../../src-main/electron/window-place.ts'

const laptop = { x: 0, y: 0, width: 1440, height: 860 }
const monitor = { x: 1440, y: -200, width: 2560, height: 1400 }
const kept = (x: number, y: number, width = 1000, height = 700) => ({
  bounds: { x, y, width, height },
  maximized: false,
})

describe('where the window opens', () => {
  it('is left to the system the first time, at the usual size', () => {
    expect(placeFor(null, [laptop])).toEqual({ width: 1280, height: 800 })
    expect(placeFor(null, [{ x: 0, y: 0, width: 1024, height: 600 }])).toEqual({ width: 1024, height: 600 })
  })

  it('is where it was, on whichever display', () => {
    expect(placeFor(kept(100, 50), [laptop, monitor])).toEqual({ x: 100, y: 50, width: 1000, height: 700 })
    expect(placeFor(kept(3000, -150), [laptop, monitor])).toEqual({
      x: 3000,
      y: -150,
      width: 1000,
      height: 700,
    })
    // Partly over the edge, as the user left it.
    expect(placeFor(kept(-800, 50), [laptop])).toMatchObject({ x: -800, y: 50 })
  })

  it.each([
    ['its display is gone', kept(3000, -150)],
    ['too little of its title bar is left', kept(1400, 50)],
    ['its title bar is above the display', kept(100, -60)],
    ['it is below the display', kept(100, 855)],
  ])('is on the first display, at its size, when %s', (_why, place) => {
    expect(placeFor(place, [laptop])).toEqual({ width: 1000, height: 700 })
  })

  it('fits into a display that is smaller than it was', () => {
    expect(placeFor(kept(200, 100, 2400, 1300), [laptop])).toEqual(laptop)
    expect(placeFor(kept(2000, 0, 2400, 900), [laptop, monitor])).toEqual({
      x: 2000,
      y: 0,
      width: 2400,
      height: 900,
    })
    expect(placeFor(kept(3000, -150, 3800, 1300), [laptop])).toEqual({ width: 1440, height: 860 })
  })

  it('is never smaller than what can be used', () => {
    expect(placeFor(kept(10, 10, 200, 100), [laptop])).toMatchObject({ width: 720, height: 480 })
    expect(placeFor(null, [{ x: 0, y: 0, width: 640, height: 400 }])).toEqual({ width: 720, height: 480 })
    expect(placeFor(null, [])).toEqual({ width: 1280, height: 800 })
  })

  it('keeps the size below a maximised window', () => {
    const place = { ...kept(100, 50), maximized: true }
    expect(windowPlaceSchema.parse(JSON.parse(JSON.stringify(place)))).toEqual(place)
    expect(placeFor(place, [laptop])).toEqual({ x: 100, y: 50, width: 1000, height: 700 })
  })
})
