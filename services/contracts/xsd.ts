import { TYPES } from '../protocol/standard/iso20022-types.ts';
import { standardType } from '../protocol/standard/read-iso20022-types.ts';
import { namespaceOf } from '../protocol/xml/xml-text.ts';
import { canonical, isObject, type JsonObject } from './json-schema.ts';
import { schemaAt } from './schema-narrowing.ts';

/**
 * The XSD of a message, from the JSON Schema of its document: elements in the order of the schema's
 * properties, which is the standard's; what may repeat; texts by their form; an amount as text with the
 * attribute Ccy. What a schema leaves open may stand behind the elements that it names.
 */
export function xsdOf(type: string, schema: JsonObject): string {
  return new Writing(schema).document(namespaceOf(type));
}

type Properties = Readonly<Record<string, JsonObject>>;

class Writing {
  readonly #schema: JsonObject;
  /** Types that have a name, by it. */
  readonly #named = new Map<string, string>();
  readonly #formNames = new Map<string, string>();

  constructor(schema: JsonObject) {
    this.#schema = schema;
  }

  document(namespace: string): string {
    const properties = this.#schema.properties as Properties;
    const root = Object.keys(properties).find(
      (name) => name !== 'AppHdr' || Object.keys(properties).length === 1,
    ) as string;
    const element = this.#element(root, properties[root] as JsonObject, 1, 1);
    const types = [...this.#named].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
    return `<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="${namespace}" targetNamespace="${namespace}" elementFormDefault="qualified">
${[element.replace(' minOccurs="1"', ''), ...types].join('\n')}
</xs:schema>
`;
  }

  /** Of an array as often as it may have items. */
  #member(name: string, schema: JsonObject, isRequired: boolean): string {
    const isArray = schema.type === 'array';
    const least = isRequired ? Number(isArray ? (schema.minItems ?? 0) : 1) : 0;
    const most = isArray ? ((schema.maxItems as number | undefined) ?? null) : 1;
    return this.#element(name, schema, least, most);
  }

  #element(name: string, given: JsonObject, least: number, most: number | null): string {
    const schema = given.type === 'array' ? (given.items as JsonObject) : given;
    const occurs = `${least === 1 ? '' : ` minOccurs="${least}"`}${most === 1 ? '' : ` maxOccurs="${most ?? 'unbounded'}"`}`;
    const reference = this.#reference(schema);
    return reference
      ? `<xs:element name="${name}" type="${reference}"${occurs}/>`
      : `<xs:element name="${name}"${occurs}>${this.#type(schema)}</xs:element>`;
  }

  /** The name of a type that has one; it is written once. */
  #reference(schema: JsonObject): string | null {
    if (typeof schema.$ref !== 'string') return null;
    const name = schema.$ref.split('/').pop() as string;
    if (!this.#named.has(name)) {
      this.#named.set(name, '');
      const type = this.#builtIn(name) ?? this.#type(schemaAt(schema, this.#schema));
      this.#named.set(name, type.replace(/^<xs:(\w+)/, `<xs:$1 name="${name}"`));
    }
    return name;
  }

  /** What XML Schema has a type of its own for. */
  #builtIn(name: string): string | null {
    if (!Object.hasOwn(TYPES, name)) return null;
    const type = standardType(name);
    switch (type.form) {
      case 'date':
      case 'dateTime':
      case 'time':
      case 'gYear':
      case 'gYearMonth':
        return restriction('', `xs:${type.form}`);
      case 'base64Binary':
        return restriction(`<xs:maxLength value="${type.most}"/>`, 'xs:base64Binary');
      case 'decimal':
        return restriction(
          `${type.isSigned ? '' : '<xs:minInclusive value="0"/>'}<xs:totalDigits value="${type.digits}"/><xs:fractionDigits value="${type.fraction}"/>`,
          'xs:decimal',
        );
      default:
        return null;
    }
  }

  #type(schema: JsonObject): string {
    if (Array.isArray(schema.anyOf)) return this.#choice(schema.anyOf as readonly JsonObject[]);
    if (schema.type === 'boolean') return restriction('', 'xs:boolean');
    if (schema.type === 'string' || schema.enum) return simpleType(schema);
    return this.#object(schema);
  }

  #object(schema: JsonObject): string {
    const properties = (schema.properties ?? {}) as Properties;
    if (isAmount(properties)) return this.#amount(properties);
    const names = Object.entries(properties).filter(([, one]) => !isObject(one.not));
    const required = (schema.required ?? []) as readonly string[];
    const isChoice = schema.maxProperties === 1;
    const elements = names.map(([name, one]) =>
      this.#member(name, one, isChoice || required.includes(name)),
    );
    // After an element that may be left out, a reader could not tell which of the two it has before it.
    const isOpen =
      schema.additionalProperties !== false && names.every(([name]) => required.includes(name));
    const others = isOpen
      ? '<xs:any processContents="skip" minOccurs="0" maxOccurs="unbounded"/>'
      : '';
    const model = isChoice ? 'choice' : 'sequence';
    const mixed = names.length === 0 && isOpen ? ' mixed="true"' : '';
    return `<xs:complexType${mixed}><xs:${model}>${elements.join('')}${others}</xs:${model}></xs:complexType>`;
  }

  #amount({ Ccy, Amt }: Properties): string {
    const [currency, amount] = [Ccy, Amt].map((one) => this.#form(one as JsonObject));
    return `<xs:complexType><xs:simpleContent><xs:extension base="${amount}"><xs:attribute name="Ccy" type="${currency}" use="required"/></xs:extension></xs:simpleContent></xs:complexType>`;
  }

  /** The name of the type of a text, which others are built on. */
  #form(schema: JsonObject): string {
    const reference = this.#reference(schema);
    if (reference) return reference;
    const text = canonical(schema);
    const known = this.#formNames.get(text);
    if (known) return known;
    const name = `Text${this.#formNames.size + 1}`;
    this.#formNames.set(text, name);
    this.#named.set(name, this.#type(schema).replace(/^<xs:(\w+)/, `<xs:$1 name="${name}"`));
    return name;
  }

  #choice(alternatives: readonly JsonObject[]): string {
    const all = alternatives.map((one) => schemaAt(one, this.#schema));
    if (all.every((one) => one.type === 'string' || one.enum))
      return `<xs:simpleType><xs:union>${all.map(simpleType).join('')}</xs:union></xs:simpleType>`;
    const propertiesIn = ({ properties }: JsonObject) => (properties ?? {}) as Properties;
    const objects = all.map(propertiesIn);
    const elements = all.filter((one) => !isAmount(propertiesIn(one)));
    const inner = elements.map((one) => {
      const required = (one.required ?? []) as readonly string[];
      return Object.entries(propertiesIn(one))
        .map(([name, member]) => this.#member(name, member, required.includes(name)))
        .join('');
    });
    const model = inner.map((one) => `<xs:sequence>${one}</xs:sequence>`).join('');
    const amount = objects.find(isAmount);
    // Text with an attribute, or elements: XML Schema has no word for "one of the two".
    return amount
      ? `<xs:complexType mixed="true"><xs:choice minOccurs="0">${model}</xs:choice><xs:attribute name="Ccy" type="${this.#form(amount.Ccy as JsonObject)}"/></xs:complexType>`
      : `<xs:complexType><xs:choice>${model}</xs:choice></xs:complexType>`;
  }
}

const isAmount = (properties: Properties): boolean =>
  Object.keys(properties).length === 2 && 'Ccy' in properties && 'Amt' in properties;

const restriction = (facets: string, base: string): string =>
  `<xs:simpleType><xs:restriction base="${base}">${facets}</xs:restriction></xs:simpleType>`;

function simpleType({ enum: values, minLength, maxLength, pattern }: JsonObject): string {
  const facets = [
    ...(Array.isArray(values)
      ? values.map((one) => `<xs:enumeration value="${escaped(String(one))}"/>`)
      : []),
    minLength === undefined ? '' : `<xs:minLength value="${minLength}"/>`,
    maxLength === undefined ? '' : `<xs:maxLength value="${maxLength}"/>`,
    pattern === undefined ? '' : `<xs:pattern value="${escaped(xmlPattern(String(pattern)))}"/>`,
  ];
  return restriction(facets.join(''), 'xs:string');
}

/** XML Schema's patterns are of the whole text, and know no group but the plain one. */
function xmlPattern(pattern: string): string {
  if (/\(\?[!=<]/.test(pattern)) throw new RangeError(`XML Schema has no such pattern: ${pattern}`);
  const plain = pattern.replaceAll('(?:', '(');
  const starts = plain.startsWith('^') ? plain.slice(1) : `.*${plain}`;
  return starts.endsWith('$') ? starts.slice(0, -1) : `${starts}.*`;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
