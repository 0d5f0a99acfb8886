// What every page but a circle's loads.
import { HearthEnter } from "./enter.ts";
import { HearthHelp } from "./help.ts";
import { quick } from "./quick.ts";

quick();
customElements.define("hearth-help", HearthHelp);
customElements.define("hearth-enter", HearthEnter);
