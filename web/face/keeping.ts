// What only whoever keeps the circle loads: the board, planning tonight, and who is at the door.
// It names the circle's page because all of that is loaded by then: what the
// two share stays in one file, which is less to send than many.
import "./circle.ts";
export { Board } from "./board.ts";
export { LetIn } from "./letin.ts";
