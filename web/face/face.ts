// What every page loads.
import { HearthCircle } from "./circle.ts";
import { HearthEnter } from "./enter.ts";
import { HearthHelp } from "./help.ts";
import { quick } from "./quick.ts";

quick();
customElements.define("hearth-help", HearthHelp);
customElements.define("hearth-enter", HearthEnter);
customElements.define("hearth-circle", HearthCircle);
