// What the board says, beside all that texts.ts has. It is loaded with the
// board, so that nobody else has to.
import * as b from "./says-board.ts";
import { minutes, stageKinds } from "./texts.ts";
import type { Duty, Kind, Order } from "./wire.ts";

export * from "./texts.ts";
export {
  deputy, everybodyElse, giveBack, gripHint, handsInOrder, handsRaised, isListening, isModerator, leftMeanwhile, listenersTitle, more, mutedUntil, offer, offeredNow,
  offerTo, removedTitle, speakingNow, stillToCome, supportAskedOf as supportAsked, supportComes, supportWanted, supportYes, title as boardTitle, wasRemoved,
} from "./says-board.ts";

export const lineDropped = (min: number) => (min < 1 ? b.lineDropped : b.lineDroppedFor(min));
export const duties: Record<Duty, string> = { timekeeper: b.timekeeper, greeter: b.greeter, reader: b.reader };
export const gripOf = (name: string, place: number, all: number) => b.grip(all, name, place);
export const movedTo = (name: string, place: number, all: number) => b.movedAt(all, name, place);
export const orders: Record<Order, string> = {
  ring: b.orderRing, reversed: b.orderReversed, hands: b.orderHands, least: b.orderLeast, nominate: b.orderNominate, random: b.orderRandom,
};

// tonight's agenda, to be changed
export const plan = {
  title: b.planTitle, say: b.planSay,
  what: (kind: Kind, order: Order | undefined, turn: number, split: boolean) =>
    [stageKinds[kind], order && orders[order], turn ? (turn < 60_000 ? b.planHalf : b.planEach(minutes(Math.round(turn / 60_000)))) : split ? b.planSplit : ""].filter(Boolean).join(" · "),
  up: b.planUp, down: b.planDown, less: b.planLess, more: b.planMore, words: b.planWords,
  stageTitle: b.planStageTitle, prompt: b.planPrompt, out: b.planOut, isOut: b.planIsOut, back: b.planBack, closing: b.planClosing,
  add: b.planAdd, full: b.planFull, kind: b.planKind, order: b.planOrder, minutes: b.planMinutes, turn: b.planTurn, turnFree: b.planTurnFree, addIt: b.planAddIt, notYet: b.planNotYet,
  added: b.planAdded, moved: (t: string, place: number, all: number) => b.planMoved(all, place, t),
  closes: b.planCloses, closesNow: b.planClosesNow, ends: b.planEnds, ifNow: b.planIfNow,
  save: b.planSave, later: b.planLater, discard: b.planDiscard,
  kept: b.planKept, changed: b.planChanged, saved: b.planSaved, nothing: b.planNothing, long: b.planLong,
};
