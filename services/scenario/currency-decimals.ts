/**
 * Minor units of currencies by ISO 4217 (list of active codes, 2026), and XTS, the code that the
 * standard reserves for tests, which is given 0 here. Metals and other codes without minor units
 * ("N.A." in the list) are left out: nothing can be settled in them.
 */
const WITH_TWO =
  'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF ' +
  'CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL ' +
  'HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT ' +
  'MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB ' +
  'SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH ' +
  'USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG';
const WITH_ZERO = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF XTS';
const WITH_THREE = 'BHD IQD JOD KWD LYD OMR TND';
const WITH_FOUR = 'CLF UYW';

export const MINOR_UNITS: ReadonlyMap<string, number> = new Map(
  [WITH_ZERO, '', WITH_TWO, WITH_THREE, WITH_FOUR].flatMap((codes, minorUnits) =>
    codes
      .split(' ')
      .filter((code) => code !== '')
      .map((code) => [code, minorUnits] as const),
  ),
);
