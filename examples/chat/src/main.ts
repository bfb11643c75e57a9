import './shared/connection-diagram.ts'
import './styles.css'
import { openPage } from './page.ts'

await openPage()
