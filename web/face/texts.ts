// Every sentence the script says, as the script wants it. What they say is in
// the catalogue (web/lang), and comes from there in the reader's language:
// says-room.ts has what anybody may read, says-keep.ts what only whoever keeps
// the circle does, and texts-board.ts the board's.
import * as k from "./says-keep.ts";
import * as r from "./says-room.ts";
import { locale } from "./tongue.ts";
import type { Duty, HoldWhy, Kind, MuteWhy, Reaction } from "./wire.ts";

export {
  addNote, board, cancel, celebrate, closingAt, decline, dropped, emptyEarly, emptyLate, gathering, goesOut, guardian, handUp, holding, inCircle, keeps,
  keptDraft, later, lineDown, listening, lower, minutes, moderators, moderatorsHere, moreTime, moving, nameNeeded, newer, nextUp, nextYou, noNote, noteOf,
  notKept, offered, openFloor, pass, passToOne, pictureOf, putBack, raise, retract, retracted, retractLong, rewound, say, showWords, skipToNow,
  someone, supportFor, supportForYou, take, takeChair, takePart, then, today, typing, wentWrong, writeLead, writeMine, writeOpen, youAlone as youToo, back,
} from "./says-room.ts";
export {
  asItComes, askHold, backTo, backToRing, begin, changePlace, closeCircle, dutiesMore, editTonight, goOn, goOnTo, goOnToStage, guard, handOver, hold, keptFree, lay,
  minShort as min, moreMinutes, mute, nameDeputy, newRound, offerSupport, openTheFloor, release, remind, remove, skip, stageDone, unmute, unnameDeputy, whatNow,
} from "./says-keep.ts";
export { justListen as today_ } from "./says-room.ts";

export const thatIsYou = `\u00a0${r.thatIsYou}`;
export const you = (name: string) => (name ? r.youNamed(name) : r.youAlone);
export const names = (list: string[]) => (list.length < 2 ? list.join("") : r.and(list.slice(0, -1).join(r.comma), list.at(-1)!));
export const clock = (at: number) => new Date(at).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", numberingSystem: "latn" }).replace(/\s/g, "\u00a0");
export const round = (n: number, minutes: number) => [r.roundN(n), minutes > 0 && r.aboutEach(minutes)].filter(Boolean).join(" · ");
export const toCome = (i: number) => (i === 0 ? r.nextUp : r.toComeAt(i + 1));

const holdWhy: Record<HoldWhy, string> = { breath: r.breath, care: r.careMoment, pause: r.pause };
const mutedFor: Record<MuteWhy, string> = { space: r.mutedSpace, rules: r.mutedRules, calm: r.mutedCalm };
const before = (n: number) => (n === 0 ? r.beforeNone : r.before(n));

// what is now, in one sentence
export const now = {
  connecting: r.connecting,
  arriving: (keeper: string) => [r.arriving, keeper ? r.arrivingKeeper(keeper) : r.arrivingNobody],
  begin: [r.arriving, r.beginWhen],
  board: k.boardSays,
  held: (why: HoldWhy) => [r.heldBecause(holdWhy[why]), r.heldMore],
  muted: (until: string, why: MuteWhy) => [r.mutedTill(until), `${mutedFor[why]} ${r.mutedMore}`],
  offer: (from: string) => [r.offerYours, from ? r.offerFrom(from) : r.noHurry],
  mine: [r.mine, r.takeYourTime],
  mineTime: [r.mine, r.mineTime],
  open: [r.open, r.openMore],
  speaking: (name: string, min: number) => [min < 1 ? r.speaking(name) : r.speakingFor(r.minutes(min), name), ""],
  away: (name: string) => [r.away(name), r.awayMore],
  offeredTo: (name: string) => [r.offeredTo(name), r.noHurry],
  resting: [r.resting, ""],
  youListen: r.youListen,
  youListenToday: r.youListenToday,
  youKeep: r.youKeep,
  youModerate: r.youModerate,
  before,
};

// what can be done
export const left = (n: number) => (n >= 0 ? r.charsLeft(n) : r.charsOver(-n));
export const react = { snap: r.snap, heart: r.heart, nod: r.nod, "with-you": r.withYou, celebrate: r.celebrate } satisfies Record<Reaction, string>;
export const reacted = {
  snap: r.reactedSnap, heart: r.reactedHeart, nod: r.reactedNod, "with-you": r.reactedWithYou, celebrate: r.reactedCelebrate,
} satisfies Record<Reaction, (n: string) => string>;

// what is said
export const showWordsLong = (name: string, note: string) => r.showWordsLong(name, note);
export const left_ = (name: string, fine: boolean) => (fine ? r.hasLeftFine : r.hasLeft)(name);

// announced to those who don't see it
export const says = { offered: `${r.offerYours} ${r.noHurry}`, mine: r.mine, speaking: r.hasStick, laid: r.resting, open: r.open, released: r.released, back: r.lineBack };
export const care = { grace: r.careGrace, deputies: r.careDeputies, moderators: r.careModerators, closing: r.careClosing };

// questions
export const unsaid = { title: r.unsaidTitle, say: r.unsaidSay, first: r.unsaidFirst, without: r.unsaidWithout, no: r.back };
export const cutAsk = { title: k.cutTitle, say: k.cutSay, no: k.cutNo };
export const leave = { title: r.leaveTitle, say: r.leaveSay, fine: r.leaveFine, plain: r.leavePlain, stay: r.leaveStay };
export const place = { title: r.placeTitle, rename: r.placeRename, leave: r.placeLeave, back: r.placeBack };
export const rename = { title: r.renameTitle, name: r.renameName, pronouns: r.renamePronouns, ok: r.renameOk };
export const holdAsk = { title: k.hold, say: k.holdSay };
export const holdOptions = { breath: k.holdBreath, care: k.holdCare, pause: k.holdPause } satisfies Record<HoldWhy, string>;
export const timeAsk = { title: r.moreTime, say: r.timeAskSay };
export const muteAsk = { title: k.muteTitle, say: k.muteSay, why: k.muteWhy };
export const muteWhy = { space: k.muteSpace, rules: k.muteRules, calm: k.muteCalm } satisfies Record<MuteWhy, string>;
export const removeAsk = { title: k.removeTitle, yes: k.removeYes, say: k.removeSay };
export const guardAsk = { title: k.guard, say: k.guardSay, label: k.guardLabel, ok: k.guardOk };
export const closeAsk = { title: k.closeTitle, say: k.closeSay, yes: k.closeYes };
export const chairAsk = { title: r.chairTitle, say: r.chairSay, yes: r.takeChair };

// afterwards
export const after = {
  left: { title: r.leftTitle, say: r.leftSay, back: r.leftBack },
  over: { title: r.overTitle, say: r.overSay, back: r.toFirstPage },
  removed: { title: r.removedTitle, say: r.removedSay, back: r.toFirstPage },
  gone: { title: r.goneTitle, say: r.goneSay, back: r.goneBack },
};

// a part of the agenda, and one's own turn in it
export const stageAt = (title: string, at: number, of: number) => (of ? r.stageAt(at, of, title) : title);
export const toChoose = (list: string[], more: number) => r.toChooseNames(andMore(list.join(r.comma), more));
export const nextOf = (list: string[], more: number) => r.nextNames(andMore(list.join(r.thenJoin), more));
const andMore = (names: string, n: number) => (n > 0 ? r.andMore(n, names) : names);
export const stage = {
  quiet: [r.quiet, r.quietMore],
  bell: [r.bell, ""],
  leads: (name: string) => [r.leads(name), ""],
  someLeads: [r.someLeads, ""],
  youLead: [r.youLead, r.youLeadMore],
  youRead: r.youRead,
  hands: [r.handsOnly, ""],
  handAt: (n: number) => r.handAt(n + 1),
  handNext: r.handNext,
  kindWord: r.kindWord,
  lastWord: r.lastWord,
  yoursEnds: r.yoursEnds,
  sayBoth: r.sayBoth,
  now: r.stageNow,
  moving: r.movingAfter,
  movingYours: r.movingYours,
  closes: r.closingBegins,
  merged: r.merged,
  mergedYou: r.mergedYou,
  mergedYouToo: r.mergedYouToo,
};
export const passTo = { title: r.passToTitle, say: r.passToSay, anybody: r.passToAnybody, no: r.passToNo };
export const wish = { listen: r.wishListen, reflections: r.wishReflections, ideas: r.wishIdeas } as Record<string, (name: string) => string>;
export const wishShort = { listen: r.shortListen, reflections: r.shortReflections, ideas: r.shortIdeas } as Record<string, string>;

// cards
export const card = {
  close: r.close,
  support: (name: string) => (name ? r.supportAsks(name) : r.supportAsk),
  supportSay: r.supportSay,
  yes: r.yes,
  no: r.no,
  caught: r.caught,
  asked: (stage: string) => (stage ? r.askedStage(stage) : r.asked),
  place: before,
  placeListen: r.placeListen,
  placeHands: r.placeHands,
  before: r.beforeStays,
  rules: r.rules,
  rulesAgain: r.rulesAgain,
  rulesSay: r.rulesSay,
  last: r.lastTime,
  lastSay: r.lastSay,
  delete: r.deleteIt,
};
export const support = { want: r.supportWant, unwant: r.supportUnwant, enough: r.supportEnough, asked: r.supportAsked };

// a picture in a turn, and what this device keeps
export const picture = {
  left: r.pictureLeft, sending: r.pictureSending, nearly: r.pictureNearly, tooBig: r.pictureTooBig, noFile: r.pictureNoFile, noAlt: r.pictureNoAlt,
  wentWrong: r.pictureWentWrong, stopped: r.pictureStopped, chosen: r.pictureChosen, preview: r.picturePreview,
};
export const device = { kept: r.deviceKept, gone: r.deviceGone, refuses: r.deviceRefuses };

// the agenda of whoever keeps the circle, or its time
export const tonight = (min: number | undefined, ahead: boolean) => (min === undefined ? k.tonightNow : (ahead ? k.tonightAll : k.tonightLeft)(r.minutes(min)));
export const soFar = (gone: number, all: number) => (!all ? r.soFar(gone) : gone < all ? r.soFarOf(all, gone) : gone < all + 1 ? r.timeIsUp(all) : r.minOver(gone - all));
export const stageKinds: Record<Kind, string> = { round: k.kindRound, open: k.kindOpen, quiet: k.kindQuiet, lead: k.kindLead };
export const step = {
  arriving: k.stepArriving,
  before: k.stepBefore,
  held: k.stepHeld,
  moving: (name: string, to: string) => k.stepMoving(name, to),
  movingSoon: k.stepMovingSoon,
  support: k.stepSupport,
  up: k.stepUp,
  goOn: k.stepGoOn,
  last: k.stepLast,
  bell: k.stepBell,
  quiet: k.stepQuiet,
  lead: k.stepLead,
  open: k.stepOpen,
  openUntil: k.stepOpenUntil,
  beside: k.stepBeside,
  openInRound: k.stepOpenInRound,
  roundOver: k.stepRoundOver,
  upInRound: (n: number) => (n ? k.stepUpWaits(n) : k.stepUpInRound),
  noHands: k.stepNoHands,
  handsFirst: k.stepHandsFirst,
  resting: (name: string) => (!name ? k.stepResting : name === r.nextYou ? k.stepRestingYou : k.stepRestingNext(name)),
  thenBySelf: (name: string) => (name === r.nextYou ? k.stepBySelfYou : k.stepBySelf(name)),
  lastOne: k.stepLastOne,
  closes: k.stepCloses,
};
export const waitAsk = {
  title: (names: string, several: boolean) => (names === r.youAlone ? k.waitYou : (several ? k.waitSeveral : k.waitOne)(names)),
  closing: k.waitClosing, past: k.waitPast, no: k.waitNo,
};
export const youKeepTime = (title: string, so: string, left: number) => (left ? r.keepTimeMore(r.minutes(left), so, title) : r.keepTime(so, title));

// what is done for one person
export const placeAsk = { title: (name: string, place: number, all: number) => k.placeOfAll(all, name, place), up: k.moveUp, down: k.moveDown, end: k.moveEnd, done: k.done };
export const dutiesAsk = {
  title: k.dutiesTitle, say: k.dutiesSay, done: k.done,
  give: { timekeeper: k.giveTimekeeper, greeter: k.giveGreeter, reader: k.giveReader } satisfies Record<Duty, string>,
  take: { timekeeper: k.takeTimekeeper, greeter: k.takeGreeter, reader: k.takeReader } satisfies Record<Duty, string>,
};
export const handOverAsk = { title: k.handOverTitle, yes: k.handOverYes, say: k.handOverSay, sayBack: k.handOverBack };

// talks aside and quiet rooms
export const aside = {
  talk: k.asideTalk,
  quiet: k.asideQuiet,
  quietAsk: k.asideQuietAsk,
  quietSay: k.asideQuietSay,
  me: r.asideMe,
  endTheirs: { talk: k.asideEndTheirTalk, quiet: k.asideEndTheirQuiet },
  toKeeper: r.asideToKeeper,
  toModerator: r.asideToModerator,
  greet: r.asideGreet,
  greetAsk: r.asideGreetAsk,
  isAside: k.asideIsAside,
  isOut: k.asideIsOut,
  out: r.asideOut,
  youAreOut: r.asideYouAreOut,
  asks: r.asideAsks,
  asksQuiet: (name: string, who: string) => (who ? r.asideAsksQuietWith(name, who) : r.asideAsksQuiet(name)),
  yours: { talk: r.asideYoursTalk, quiet: r.asideYoursQuiet },
  only_: r.asideOnly,
  goesOn: r.asideGoesOn,
  keeps: r.asideKeeps,
  keptPlace: r.asideKeptPlace,
  go: r.asideGo,
  notNow: r.asideNotNow,
  title: { talk: r.asideTitleTalk, quiet: r.asideTitleQuiet },
  label: r.asideLabel,
  say: r.asideSay,
  write: r.writeOpen,
  waiting: r.asideWaiting,
  fold: r.asideFold,
  unfold: (n: number) => (n > 0 ? r.asideUnfoldNew(n) : r.asideUnfold),
  back: r.placeBack,
  end: { talk: r.asideEndTalk, quiet: r.asideEndQuiet },
  ended: { talk: r.asideEndedTalk, quiet: r.asideEndedQuiet },
  notToday: r.asideNotToday,
  onlyYou: r.asideOnlyYou,
  close: r.close,
};
