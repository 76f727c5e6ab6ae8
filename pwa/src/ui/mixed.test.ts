import { describe, expect, it } from 'vitest'
import { blocksOf, filesIn, movedBy, tidy, withPictures, without, wordsIn, type Block } from './mixed'

const text = (words: string): Block => ({ text: words })
const picture = (file: string): Block => ({ file })

describe('text with pictures', () => {
  it('takes a picture where one writes', () => {
    expect(withPictures([text('门口堆头 价签缺失')], 0, 5, ['p'])).toEqual([
      text('门口堆头'),
      picture('p'),
      text('价签缺失'),
    ])
    expect(withPictures([text('')], 0, 0, ['p', 'q'])).toEqual([picture('p'), picture('q'), text('')])
    expect(withPictures([], 0, 0, ['p'])).toEqual([picture('p'), text('')])
  })

  it('joins the words again when a picture goes', () => {
    expect(without([text('上'), picture('p'), text('下')], 1)).toEqual([text('上\n下')])
    expect(without([picture('p')], 0)).toEqual([text('')])
  })

  it('moves pictures past words, and not beyond the ends', () => {
    const all = [text('上'), picture('p'), text('下')]
    expect(movedBy(all, 1, -1)).toEqual([picture('p'), text('上'), text('下')])
    expect(movedBy(all, 0, -1)).toEqual(all)
  })

  it('is sent without empty paragraphs, and read whatever came', () => {
    expect(tidy([text('  '), picture('p'), text(' 好 ')])).toEqual([picture('p'), text('好')])
    const came = [text('<b>好</b>'), picture('p'), { html: '<script>' }, null, 3]
    expect(blocksOf(came)).toEqual([text('<b>好</b>'), picture('p')])
    expect([wordsIn(came), filesIn(came)]).toEqual(['<b>好</b>', ['p']])
    expect(blocksOf('<b>')).toEqual([])
  })
})
