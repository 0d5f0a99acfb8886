// What every page but a circle's loads.
import { HearthAnswer, HearthCopy } from "./answer.ts";
import { keepCard } from "./card.ts";
import { HearthCode } from "./code.ts";
import { HearthEnter } from "./enter.ts";
import { HearthGone } from "./gone.ts";
import { HearthHelp } from "./help.ts";
import { quick } from "./quick.ts";
import { yourTimes } from "./times.ts";

quick();
keepCard();
yourTimes();
customElements.define("hearth-help", HearthHelp);
customElements.define("hearth-enter", HearthEnter);
customElements.define("hearth-answer", HearthAnswer);
customElements.define("hearth-code", HearthCode);
customElements.define("hearth-copy", HearthCopy);
customElements.define("hearth-gone", HearthGone);
