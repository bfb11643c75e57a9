/** The results as a bar chart: a group a case, a bar a target, each bar as long as its share of the group's longest. */
import { type CaseResult, valuesOf } from '../rounds.ts'
import { median } from '../stats.ts'

const WIDTH = 760
const LABEL_WIDTH = 130
const VALUE_WIDTH = 110
const BAR_HEIGHT = 18
const BAR_STEP = 24
const GROUP_HEAD = 44
const MARGIN = 16
const FOOT = 36

/** Holdfast stands out; colours that hold on light and dark pages. */
const COLOURS = { holdfast: '#2f7dd1', other: '#8a94a3' }

export function formatChart(results: readonly CaseResult[], command: string): string {
  let top = MARGIN
  const groups = results.map((result) => {
    const group = formatGroup(result, top)
    top += GROUP_HEAD + result.case.targets.length * BAR_STEP + MARGIN
    return group
  })
  const height = top + FOOT
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="sans-serif">`,
    `<title>${escapeXml(results.map(({ case: { name } }) => name).join(', '))}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...groups,
    text(MARGIN, height - MARGIN, `Medians. Made by: ${command}`, 'font-size="12" fill="#5b6472"'),
    '</svg>\n',
  ].join('\n')
}

function formatGroup(result: CaseResult, top: number): string {
  const { name, setting, targets, metrics, isLowerBetter } = result.case
  const [headline] = metrics
  if (!headline) return ''
  const values = targets.map((target) => median(valuesOf(result, target, headline.key)))
  const longest = Math.max(...values)
  const title = `${name}: ${headline.title}, ${isLowerBetter ? 'lower' : 'higher'} is better`
  const bars = targets.map((target, index) => {
    const value = values[index] as number
    const y = top + GROUP_HEAD + index * BAR_STEP
    const length = Math.max(1, (value / longest) * (WIDTH - 2 * MARGIN - LABEL_WIDTH - VALUE_WIDTH))
    const x = MARGIN + LABEL_WIDTH
    const colour = target === 'holdfast' ? COLOURS.holdfast : COLOURS.other
    return [
      text(MARGIN, y + 14, target, 'font-size="13" fill="#1d2430"'),
      `<rect x="${x}" y="${y}" width="${length.toFixed(1)}" height="${BAR_HEIGHT}" rx="2" fill="${colour}"/>`,
      text(x + length + 8, y + 14, headline.format(value), 'font-size="13" fill="#1d2430"'),
    ].join('\n')
  })
  return [
    text(MARGIN, top + 16, title, 'font-size="15" font-weight="600" fill="#1d2430"'),
    text(MARGIN, top + 34, setting, 'font-size="12" fill="#5b6472"'),
    ...bars,
  ].join('\n')
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x.toFixed(1)}" y="${y}" ${attributes}>${escapeXml(content)}</text>`
}

function escapeXml(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
