import type { Rule } from "../source-tree.ts";
import { documentsCiteLivingPaths } from "./documents.ts";
import { appsInPlainNode, layersInward, librariesInPlace, packagesInward, workersApart } from "./imports.ts";
import { bindingsDeclared, deadLettersKept, noCycles, oneOwner } from "./ownership.ts";
import { personalDataAccounted } from "./personal-data.ts";
import { domainIsPure, nothingUnfinished, roomsStaySmall } from "./purity.ts";
import { storageDocumented } from "./storage.ts";

/** All rules of the house. Each has a planted violation in tests/repo that proves that it can fail. */
export const rules: readonly Rule[] = [
  workersApart,
  packagesInward,
  layersInward,
  librariesInPlace,
  appsInPlainNode,
  domainIsPure,
  roomsStaySmall,
  nothingUnfinished,
  oneOwner,
  noCycles,
  deadLettersKept,
  bindingsDeclared,
  storageDocumented,
  personalDataAccounted,
  documentsCiteLivingPaths,
];
