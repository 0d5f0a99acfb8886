// What a circle's page loads, from the inside out (front.ts: every other page):
//
//   wire.ts    the frames, generated from the Go types
//   line.ts    ticket, websocket, numbered commands, coming back
//   store.ts   what is known of the room, and how a frame changes it
//   acts.ts    what I can do now, made of what the room says I can
//   stage.ts   where the agenda is, as sentences
//   ring.ts  words.ts  bar.ts  cards.ts   what of it is shown where
//   keeping.ts   the board and all that belongs to it, loaded when needed
//   picture.ts   a picture in one’s turn, and told.ts   what was decided about
//              one, loaded when needed; after.ts   what one writes for oneself
//   circle.ts  door, room and afterwards: wires all of these together
//   texts.ts   every sentence, made of says-*.ts: the catalogue (web/lang), in
//              the page's language when it is bundled; dialogs.ts, dom.ts,
//              layout.ts, tongue.ts: helpers
//   kept.ts    what this tab keeps; device.ts   what this device does, if asked
//   card.ts    has the device keep the crisis card; sw.ts   which shows it
//
import { keepCard } from "./card.ts";
import { HearthCircle } from "./circle.ts";
import { HearthHelp } from "./help.ts";
import { quick } from "./quick.ts";

quick();
keepCard();
customElements.define("hearth-help", HearthHelp);
customElements.define("hearth-circle", HearthCircle);
