/** The simulator's Node half; started by tests/sim/stage.py with what to play and the cast as JSON. */
import './quick'
import { playScenarios } from './scenarios'
import { simulate } from './simulate'
import { tell, type Cast } from './stage'

const [piece, text] = process.argv.slice(2)
const cast = JSON.parse(text!) as Cast
try {
  if (piece === 'scenarios') await playScenarios(cast)
  else await simulate(cast)
  process.exit(0)
} catch (error) {
  tell({ problems: [error instanceof Error ? (error.stack ?? error.message) : String(error)] })
  process.exit(1)
}
