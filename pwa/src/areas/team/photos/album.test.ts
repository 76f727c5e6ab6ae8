// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest'
import { albumWith, lastSeen, layAlbum } from './album'

describe('the photos one leafs through', () => {
  beforeEach(() => sessionStorage.clear())

  it('are those that the entry of the history names', () => {
    history.replaceState(layAlbum(['a', 'b', 'c']), '')
    expect(albumWith('b')).toEqual(['a', 'b', 'c'])
    expect(albumWith('z')).toEqual(['z'])
    history.replaceState({ album: ['x', 'y', ''] }, '')
    expect(albumWith('y')).toEqual(['x', 'y'])
    history.replaceState(null, '')
    expect(albumWith('a')).toEqual(['a'])
  })

  it('of an older wall are not taken for those of a newer one', () => {
    const old = { album: 'of another day' }
    layAlbum(['a', 'b'])
    history.replaceState(old, '')
    expect(albumWith('a')).toEqual(['a'])
  })

  it('leave behind which one was seen last, once', () => {
    lastSeen.note('b')
    expect([lastSeen.take(), lastSeen.take()]).toEqual(['b', ''])
  })
})
