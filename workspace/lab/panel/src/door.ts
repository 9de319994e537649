/** How the panel asks: an expression in the kernel of the open notebook, answered by `disclosure.notebook.panel`. */

import type { Kernel } from '@jupyterlab/services';

import type { Language, Texts } from './texts';

export interface Column {
  name: string;
  title: string;
  kind: string;
  measure: string;
  sensitive: boolean;
  key: boolean;
  categories: [string, string][];
  n_categories: number;
}

export interface DataSet {
  name: string;
  title: string;
  unit: string[];
  source: string;
  synthetic: boolean;
  code: string;
  columns: Column[];
}

export interface Catalogue {
  camp: { name: string; team: string } | null;
  data_sets: DataSet[];
}

export interface Remedy {
  place: number;
  text: string;
  loses: string;
}

export interface Output {
  name: string;
  group: string;
  title: string;
  population: string;
  differs: string;
  what: string;
  figure: boolean;
  status: string;
  sign: string;
  verdict: string;
  findings: string[];
  repairable: boolean;
  /** Null where looking for them takes tabulating, which waits until it is asked for. */
  remedies: Remedy[] | null;
}

export interface Basket {
  outputs: Output[];
  lacks: string[];
}

/** What a reviewer asks about an output, or about the request where `output` is empty. */
export interface Question {
  id: number;
  output: string;
  said: string;
  answered: boolean;
}

export interface Request {
  number: number;
  /** The number of the request of which this is a later submission; null for a first one. */
  revises: number | null;
  revision: number;
  questions: Question[];
  title: string;
  purpose: string;
  outputs: string[];
  code: string[];
  state: string;
  words: string;
  reason: string;
}

export interface Requests {
  inbox: boolean;
  requests: Request[];
}

/** A sentence that tells the reader why there is no answer. */
export class Refused extends Error {}

const DOOR = '__import__("disclosure.notebook.panel", fromlist=["answer"]).answer';
const TRIES = 5;

/** Return what the kernel answers. It sees no name of the notebook changed, and keeps no history of it. */
export async function ask<T>(
  kernel: Kernel.IKernelConnection,
  language: Language,
  said: Texts,
  request: { do: string; [name: string]: unknown }
): Promise<T> {
  // A JSON text in a JSON string is a literal of Python as well.
  const literal = JSON.stringify(JSON.stringify({ ...request, language }));
  const content = {
    code: '',
    silent: false,
    store_history: false,
    allow_stdin: false,
    stop_on_error: false,
    user_expressions: { answer: `${DOOR}(${literal})` }
  };
  for (let tried = 0; tried < TRIES; tried++) {
    let reply;
    try {
      reply = await kernel.requestExecute(content).done;
    } catch {
      throw new Refused(said.noAnswer);
    }
    // A cell that fails takes what waits behind it along; the question is put again.
    if ((reply.content.status as string) === 'ok') {
      return opened<T>((reply.content as { user_expressions?: unknown }).user_expressions, said);
    }
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  throw new Refused(said.noAnswer);
}

function opened<T>(expressions: unknown, said: Texts): T {
  const found = (expressions as any)?.answer?.data?.['application/json'];
  if (typeof found !== 'object' || found === null) {
    throw new Refused(said.noDoor);
  }
  if (!found.ok) {
    throw new Refused([found.message, found.hint].filter(Boolean).join(' '));
  }
  return found.value as T;
}
