// Every sentence the script says, in one place, to be translated later. What
// the templates say is in the templates.
import type { HoldWhy, MuteWhy, Reaction } from "./wire.ts";

const many = (n: number, one: string, more: string) => (n === 1 ? one : more);
const numbers = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve"];
const inWords = (n: number) => numbers[n] ?? String(n);

export const texts = {
  someone: "someone",
  thatIsYou: "\u00a0(you)",
  you: (name: string) => (name ? `${name} (you)` : "you"),
  names: (list: string[]) => (list.length < 2 ? list.join("") : `${list.slice(0, -1).join(", ")} and ${list.at(-1)}`),
  minutes: (n: number) => `${n} ${many(n, "minute", "minutes")}`,
  clock: (at: number) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }),

  // the header and the middle of the ring
  gathering: "Arriving",
  openFloor: "Open floor",
  round: (n: number, minutes: number) => `Round ${n}${minutes > 0 ? ` · about ${minutes} min each` : ""}`,
  skipToNow: "To what is now, and what you can do",
  inCircle: (n: number) => `${n} in the circle`,
  listening: (n: number) => `${n} listening`,
  moderators: (n: number) => many(n, "a moderator", `${n} moderators`),
  moderatorsHere: (n: number) => many(n, "a moderator is here", `${n} moderators are here`),
  isListening: "listening",
  isModerator: "moderator",
  next: (names: string[]) => `next: ${names.join(", then ")}`,
  nextYou: "you",

  // a seat
  holding: "holding the stick",
  offered: "offered the stick",
  dropped: "line dropped, place kept",
  keeps: "keeps the circle",
  today: "listening today",
  deputy: "deputy",
  speakingNow: "speaking",
  offeredNow: "offered",
  nextUp: "next",
  lineDropped: (min: number) => (min < 1 ? "line dropped" : `line dropped ${min} min`),
  mutedUntil: (at: string) => `muted until ${at}`,

  // what is now, in one sentence
  now: {
    connecting: "Coming in…",
    arriving: (keeper: string) => [`People are arriving.`, keeper ? `${keeper} begins when it is time.` : "It begins when somebody keeps the circle."],
    begin: ["People are arriving.", "Begin when you are ready."],
    held: (why: HoldWhy) => [`The room is held: ${holdWhy[why]}.`, "Nothing runs out, and nobody loses their place."],
    muted: (until: string, why: MuteWhy) => [`You can’t speak until ${until}.`, `${mutedFor[why]} You can stay, listen and react.`],
    offer: (from: string) => ["The stick is offered to you.", from ? `${from} passed it on. No hurry.` : "No hurry."],
    mine: ["You have the stick.", "Take your time."],
    mineTime: ["You have the stick.", "Your time is nearly over, no hurry."],
    open: ["The floor is open.", "Anyone may speak."],
    speaking: (name: string, min: number) => [`${name} is speaking${min < 1 ? "." : `, ${texts.minutes(min)}.`}`, ""],
    away: (name: string) => [`${name}’s line dropped.`, "The stick waits for them."],
    offeredTo: (name: string) => [`The stick is offered to ${name}.`, "No hurry."],
    resting: ["The stick rests in the centre.", ""],
    youListen: "You are listening.",
    youListenToday: "You are listening today.",
    youKeep: "You keep the circle.",
    youModerate: "You are here as a moderator.",
    before: (n: number) => (n === 0 ? "You are next." : `${inWords(n)} ${many(n, "person", "people")} before you.`),
  },
  holdWhy: {} as Record<HoldWhy, string>,

  // what can be done
  take: "Take the stick",
  decline: "Pass",
  later: "Later",
  today_: "Just listening today",
  takePart: "Take part after all",
  pass: "Pass it on",
  say: "Say it",
  writeMine: "Write here. Nobody can talk over you.",
  writeOpen: "Write here",
  left: (n: number) => (n >= 0 ? `${n} characters left` : `${-n} ${many(-n, "character", "characters")} too many; please send it in two parts`),
  keptDraft: "What you wrote is kept for your turn.",
  react: { snap: "Snap", heart: "Heart", nod: "Nod", "with-you": "With you", celebrate: "Cheer" } satisfies Record<Reaction, string>,
  reacted: {
    snap: (n: string) => `${n}: snap`, heart: (n: string) => `${n}: heart`, nod: (n: string) => `${n}: nod`,
    "with-you": (n: string) => `${n}: with you`, celebrate: (n: string) => `${n}: cheer`,
  } satisfies Record<Reaction, (n: string) => string>,

  // what is said
  emptyEarly: "It is quiet still. The first words will stand here.",
  emptyLate: "Nothing has been said since you came. What was said before stays with those who were here.",
  guardian: (name: string) => `${name}, looking after the circle`,
  retract: "Take back",
  retractLong: (start: string) => `Take back: ${start}`,
  retracted: "(taken back)",
  typing: (name: string) => `${name} is writing…`,
  newer: "Newer words below",
  left_: (name: string, fine: boolean) => (fine ? `${name} has left, and is fine.` : `${name} has left.`),

  // announced to those who don't see it
  says: {
    offered: "The stick is offered to you. No hurry.",
    mine: "You have the stick.",
    speaking: (name: string) => `${name} has the stick.`,
    laid: "The stick rests in the centre.",
    open: "The floor is open.",
    released: "The circle goes on.",
    back: "The line is back.",
  },

  // notices
  lineDown: "The line is down. Your place is kept, and so is what you wrote.",
  moving: "The house is restarting. You will be back in a moment; your place is kept.",
  vanished: "Some of what happened just now was lost on our side, perhaps something of yours too. Please look at the circle, and say it again if you like.",
  care: {
    grace: (name: string) => `${name}’s line dropped. Their place is kept for them.`,
    deputies: "The circle rests while somebody takes over.",
    moderators: "The circle rests while we look for somebody to look after it.",
    closing: "Nobody can look after the circle just now, so it will close gently.",
  },
  closingAt: (at: string) => `The circle closes at ${at}.`,
  askHold: "The room has been held for a while. Is that still right?",
  wentWrong: "That didn’t get through. Please try again.",

  // the board and what whoever keeps the circle can do
  board: "Board",
  boardTitle: "The circle",
  listenersTitle: "Also here",
  removedTitle: "Not here any more",
  wasRemoved: (name: string) => `${name} was removed`,
  offer: "Offer",
  goOnTo: (name: string) => `Go on to ${name}`,
  offerTo: (name: string) => `Offer to ${name}`,
  more: (name: string) => `More for ${name}`,
  begin: "Begin the circle",
  goOn: "Go on",
  newRound: "Start a round",
  backToRing: "Back to the stick",
  skip: "Skip this turn",
  lay: "Lay in the centre",
  moreTime: "Give more time",
  openTheFloor: "Open the floor",
  guard: "Speak as guardian",
  hold: "Hold the room",
  release: "Let it go on",
  close: "Close the circle",
  takeChair: "Take over",
  mute: "Mute for some minutes…",
  unmute: "Unmute",
  remove: "Remove from the circle…",
  nameDeputy: "Name as deputy",
  unnameDeputy: "Not a deputy any more",

  // questions
  unsaid: {
    title: "Something is written and not said yet", say: "Only you can see it.",
    first: "Say it, then pass it on", without: "Pass it on without it", no: "Back",
  },
  cutAsk: { title: (name: string) => `${name} is speaking`, say: "This ends their turn.", no: (name: string) => `Let ${name} speak` },
  cancel: "Cancel",
  leave: {
    title: "Leave the circle?", say: "You can go at any time. Nobody asks why.",
    fine: "I’m fine, just leaving", plain: "Just leave", stay: "Stay",
  },
  place: { title: "My place", rename: "Change my name", leave: "Leave the circle", back: "Back to the circle" },
  rename: { title: "What shall we call you?", name: "Name", pronouns: "Pronouns (if you like)", ok: "Use this name" },
  holdAsk: { title: "Hold the room", say: "Stick, clocks and words stop for everybody until you let it go on. The circle is told why." },
  holdOptions: { breath: "A breath together", care: "Somebody needs a moment", pause: "A short break" } satisfies Record<HoldWhy, string>,
  timeAsk: { title: "Give more time", say: "Only whoever holds the stick is told." },
  muteAsk: { title: (name: string) => `Mute ${name}?`, say: "They stay in the circle and can listen and react. It ends by itself.", why: "They are told until when, and why" },
  muteWhy: { space: "Room for others", rules: "The ground rules", calm: "A calmer moment" } satisfies Record<MuteWhy, string>,
  removeAsk: {
    title: (name: string) => `Remove ${name} from the circle?`, yes: "Yes, remove",
    say: "Their line closes at once and they can’t come back to this gathering. The others only see that they left. They are shown where to find help.",
  },
  guardAsk: { title: "Speak as guardian", say: "Without the stick, to protect the circle. Everybody sees that this is what you are doing.", label: "Your words", ok: "Say it to the circle" },
  closeAsk: { title: "Close the circle?", say: "The gathering ends for everybody, and the words are gone.", yes: "Close it" },
  chairAsk: { title: "Take over?", say: "You keep the circle from now on. Everybody sees it.", yes: "Take over" },

  // afterwards
  after: {
    left: { title: "You have left the circle", say: "Thank you for being there. Your seat is free, and nobody asks why.", back: "Come back in" },
    over: { title: "The circle is closed", say: "Thank you for being part of it. The words are gone; what you take with you is yours.", back: "To the first page" },
    removed: { title: "Your place in this gathering has ended", say: "Whoever looks after the circle decided this for tonight. It can be hard to be asked to go. You don’t have to be alone with it: there is somebody to call, now.", back: "To the first page" },
    gone: { title: "We can’t find your seat", say: "Please open your link once more. It brings you back to the circle.", back: "Enter a link" },
  },
  nameNeeded: "Please tell us what to call you.",
};

const mutedFor: Record<MuteWhy, string> = {
  space: "This is so that others have room.", rules: "This is because of the ground rules.", calm: "This is so that it can calm down.",
};
const holdWhy: Record<HoldWhy, string> = { breath: "a breath together", care: "somebody needs a moment", pause: "a short break" };
texts.holdWhy = holdWhy;
