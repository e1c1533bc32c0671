import { type StandardType, standardMessage, standardType } from '../standard/standard.ts';
import type { ChildForm, ElementForm, MessageForm } from './xml-form.ts';
import { namespaceOf } from './xml-text.ts';

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
