import type { TSchema } from '@sinclair/typebox';
import {
  type StandardType,
  standardMessage,
  standardType,
} from '../standard/read-iso20022-types.ts';
import { namespaceOf } from './xml-text.ts';

/**
 * How the elements of a document are read from XML, made from the schema that checks the document: which
 * repeat, so that they are arrays; which are amounts, whose currency is an attribute; and their order,
 * which is that of the schema's properties and so must be the standard's. An element that the schema
 * does not name may stand anywhere beside those that it names: whether it may be there at all, the
 * schema says.
 */
export interface ElementForm {
  /** Text with the attribute Ccy, which is {"Ccy", "Amt"}. */
  readonly isAmount: boolean;
  /** true, false, 1 or 0: one of two values, not a text. */
  readonly isIndicator: boolean;
  /** What it has in it, by name; null: text, or nothing is known of it. */
  readonly children: ReadonlyMap<string, ChildForm> | null;
}

export interface ChildForm extends ElementForm {
  /** In the order of its siblings. */
  readonly place: number;
  /** An array, also where it stands once. */
  readonly isRepeated: boolean;
}

/** What reading needs of a message type. */
export interface MessageForm {
  readonly namespace: string;
  /** The outermost element, which is the document's only member. */
  readonly root: string;
  /** Null: nothing is known of it. */
  readonly form: ElementForm | null;
}

type Node = TSchema & {
  readonly anyOf?: readonly Node[];
  readonly allOf?: readonly Node[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  /** The type of the standard that all that stands in it has. */
  readonly standard?: string;
};

/** @param schema of the whole document: its first property is the outermost element */
export function messageForm(namespace: string, schema: TSchema): MessageForm {
  const [root, element] = Object.entries((schema as Node).properties ?? {})[0] ?? [];
  if (root === undefined || element === undefined)
    throw new TypeError(`the schema of ${namespace} names no outermost element`);
  return { namespace, root, form: elementForm(element) };
}

function elementForm(schema: Node): ElementForm {
  if (schema.standard !== undefined) return standardForm(schema.standard);
  const properties = propertiesOf(schema);
  const isAmount = alternatives(schema).some(({ properties: one }) => one && isAmountOf(one));
  const children = new Map<string, ChildForm>();
  for (const [name, child] of properties) {
    const isRepeated = child.type === 'array';
    children.set(name, {
      ...elementForm(isRepeated ? (child.items ?? child) : child),
      place: children.size,
      isRepeated,
    });
  }
  return {
    isAmount,
    isIndicator: schema.type === 'boolean',
    children: children.size > 0 || schema.type === 'object' ? children : null,
  };
}

/** The schema itself, or those of which one or all must hold. */
const alternatives = (schema: Node): readonly Node[] =>
  [schema, ...(schema.anyOf ?? []), ...(schema.allOf ?? [])].flatMap((one) =>
    one === schema ? [one] : alternatives(one),
  );

/** Of all alternatives, in their order; those of an amount are no elements. */
const propertiesOf = (schema: Node): [string, Node][] =>
  alternatives(schema).flatMap(({ properties }) =>
    properties && !isAmountOf(properties) ? Object.entries(properties) : [],
  );

const isAmountOf = (properties: Readonly<Record<string, Node>>): boolean =>
  Object.keys(properties).length === 2 && 'Ccy' in properties && 'Amt' in properties;

/**
 * How the elements of a message of the standard are read from XML, made from the standard's own table:
 * also of what no schema of Corridor's names the order and what repeats are known.
 * @throws RangeError for a message whose schema the table has not
 */
export function standardXmlForm(messageType: string): MessageForm {
  const message = standardMessage(messageType);
  if (!message) throw new RangeError(`${messageType} is no message of the standard`);
  const { outer, inner, type } = message;
  const body: ChildForm = { ...formOf(type), place: 0, isRepeated: false };
  const form: ElementForm =
    inner === null
      ? body
      : { isAmount: false, isIndicator: false, children: new Map([[inner, body]]) };
  return { namespace: namespaceOf(messageType), root: outer, form };
}

/** How an element of a type of the standard is read. */
export const standardForm = (typeName: string): ElementForm => formOf(standardType(typeName));

/** By type: most elements have one of a few dozen types. */
const forms = new Map<StandardType, ElementForm>();

function formOf(type: StandardType): ElementForm {
  const known = forms.get(type);
  if (known) return known;
  const isObject = type.form === 'all' || type.form === 'one';
  const children = new Map<string, ChildForm>();
  const form: ElementForm = {
    isAmount: type.form === 'amount',
    isIndicator: type.form === 'boolean',
    children: isObject ? children : null,
  };
  // Before what is in it, so that a type may hold itself.
  forms.set(type, form);
  if (isObject)
    for (const { name, repeats, type: inside } of type.elements.values())
      children.set(name, { ...formOf(inside), place: children.size, isRepeated: repeats });
  return form;
}
