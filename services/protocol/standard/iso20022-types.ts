/**
 * The types of ISO 20022's messages, as its schemas (XSD) define them: which elements a message may
 * have, in which order, how often, and which texts. Written by scripts/standard-table.mjs; what a line
 * means says read-iso20022-types.ts.
 */

/** By message: its outermost element, the one inside (none: the outermost is the message), its type. */
export const ROOTS: Readonly<Record<string, readonly [string, string | null, string]>> = {
  'head.001.001.02': ['AppHdr', null, 'BusinessApplicationHeaderV02'],
  'pacs.002.001.10': ['Document', 'FIToFIPmtStsRpt', 'FIToFIPaymentStatusReportV10'],
  'pacs.004.001.09': ['Document', 'PmtRtr', 'PaymentReturnV09'],
  'pacs.008.001.08': ['Document', 'FIToFICstmrCdtTrf', 'FIToFICustomerCreditTransferV08'],
  'pacs.009.001.08': ['Document', 'FICdtTrf', 'FinancialInstitutionCreditTransferV08'],
  'pacs.028.001.03': ['Document', 'FIToFIPmtStsReq', 'FIToFIPaymentStatusRequestV03'],
  'camt.007.001.08': ['Document', 'ModfyTx', 'ModifyTransactionV08'],
  'camt.011.001.07': ['Document', 'ModfyLmt', 'ModifyLimitV07'],
  'camt.012.001.07': ['Document', 'DelLmt', 'DeleteLimitV07'],
  'camt.025.001.05': ['Document', 'Rct', 'ReceiptV05'],
  'camt.029.001.09': ['Document', 'RsltnOfInvstgtn', 'ResolutionOfInvestigationV09'],
  'camt.048.001.05': ['Document', 'ModfyRsvatn', 'ModifyReservationV05'],
  'camt.052.001.08': ['Document', 'BkToCstmrAcctRpt', 'BankToCustomerAccountReportV08'],
  'camt.053.001.08': ['Document', 'BkToCstmrStmt', 'BankToCustomerStatementV08'],
  'camt.054.001.08': [
    'Document',
    'BkToCstmrDbtCdtNtfctn',
    'BankToCustomerDebitCreditNotificationV08',
  ],
  'camt.056.001.08': ['Document', 'FIToFIPmtCxlReq', 'FIToFIPaymentCancellationRequestV08'],
  'camt.060.001.05': ['Document', 'AcctRptgReq', 'AccountReportingRequestV05'],
};

export const TYPES: Readonly<Record<string, string>> = {
  AccountIdentification4Choice: 'one IBAN:IBAN2007Identifier Othr:GenericAccountIdentification1',
  AccountInterest4:
    'all Tp?:InterestType1Choice Rate*:Rate4 FrToDt?:DateTimePeriod1 Rsn?:Max35Text Tax?:TaxCharges2',
  AccountNotification17:
    'all Id:Max35Text NtfctnPgntn?:Pagination1 ElctrncSeqNb?:Number RptgSeq?:SequenceRange1Choice LglSeqNb?:Number CreDtTm?:ISODateTime FrToDt?:DateTimePeriod1 CpyDplctInd?:CopyDuplicate1Code RptgSrc?:ReportingSource1Choice Acct:CashAccount39 RltdAcct?:CashAccount38 Intrst*:AccountInterest4 TxsSummry?:TotalTransactions6 Ntry*:ReportEntry10 AddtlNtfctnInf?:Max500Text',
  AccountReport25:
    'all Id:Max35Text RptPgntn?:Pagination1 ElctrncSeqNb?:Number RptgSeq?:SequenceRange1Choice LglSeqNb?:Number CreDtTm?:ISODateTime FrToDt?:DateTimePeriod1 CpyDplctInd?:CopyDuplicate1Code RptgSrc?:ReportingSource1Choice Acct:CashAccount39 RltdAcct?:CashAccount38 Intrst*:AccountInterest4 Bal*:CashBalance8 TxsSummry?:TotalTransactions6 Ntry*:ReportEntry10 AddtlRptInf?:Max500Text',
  AccountReportingRequestV05:
    'all GrpHdr:GroupHeader77 RptgReq+:ReportingRequest5 SplmtryData*:SupplementaryData1',
  AccountSchemeName1Choice: 'one Cd:ExternalAccountIdentification1Code Prtry:Max35Text',
  AccountStatement9:
    'all Id:Max35Text StmtPgntn?:Pagination1 ElctrncSeqNb?:Number RptgSeq?:SequenceRange1Choice LglSeqNb?:Number CreDtTm?:ISODateTime FrToDt?:DateTimePeriod1 CpyDplctInd?:CopyDuplicate1Code RptgSrc?:ReportingSource1Choice Acct:CashAccount39 RltdAcct?:CashAccount38 Intrst*:AccountInterest4 Bal+:CashBalance8 TxsSummry?:TotalTransactions6 Ntry*:ReportEntry10 AddtlStmtInf?:Max500Text',
  ActiveCurrencyAndAmount: 'amount ActiveCurrencyCode ActiveCurrencyAndAmount_SimpleType',
  ActiveCurrencyAndAmount_SimpleType: 'decimal 18 5 0',
  ActiveCurrencyCode: 'pattern [A-Z]{3,3}',
  ActiveOrHistoricCurrencyAnd13DecimalAmount:
    'amount ActiveOrHistoricCurrencyCode ActiveOrHistoricCurrencyAnd13DecimalAmount_SimpleType',
  ActiveOrHistoricCurrencyAnd13DecimalAmount_SimpleType: 'decimal 18 13 0',
  ActiveOrHistoricCurrencyAndAmount:
    'amount ActiveOrHistoricCurrencyCode ActiveOrHistoricCurrencyAndAmount_SimpleType',
  ActiveOrHistoricCurrencyAndAmountRange2:
    'all Amt:ImpliedCurrencyAmountRange1Choice CdtDbtInd?:CreditDebitCode Ccy:ActiveOrHistoricCurrencyCode',
  ActiveOrHistoricCurrencyAndAmount_SimpleType: 'decimal 18 5 0',
  ActiveOrHistoricCurrencyCode: 'pattern [A-Z]{3,3}',
  AddressType2Code: 'code ADDR PBOX HOME BIZZ MLTO DLVY',
  AddressType3Choice: 'one Cd:AddressType2Code Prtry:GenericIdentification30',
  AmendmentInformationDetails13:
    'all OrgnlMndtId?:Max35Text OrgnlCdtrSchmeId?:PartyIdentification135 OrgnlCdtrAgt?:BranchAndFinancialInstitutionIdentification6 OrgnlCdtrAgtAcct?:CashAccount38 OrgnlDbtr?:PartyIdentification135 OrgnlDbtrAcct?:CashAccount38 OrgnlDbtrAgt?:BranchAndFinancialInstitutionIdentification6 OrgnlDbtrAgtAcct?:CashAccount38 OrgnlFnlColltnDt?:ISODate OrgnlFrqcy?:Frequency36Choice OrgnlRsn?:MandateSetupReason1Choice OrgnlTrckgDays?:Exact2NumericText',
  Amount2Choice: 'one AmtWthtCcy:ImpliedCurrencyAndAmount AmtWthCcy:ActiveCurrencyAndAmount',
  AmountAndCurrencyExchange3:
    'all InstdAmt?:AmountAndCurrencyExchangeDetails3 TxAmt?:AmountAndCurrencyExchangeDetails3 CntrValAmt?:AmountAndCurrencyExchangeDetails3 AnncdPstngAmt?:AmountAndCurrencyExchangeDetails3 PrtryAmt*:AmountAndCurrencyExchangeDetails4',
  AmountAndCurrencyExchangeDetails3:
    'all Amt:ActiveOrHistoricCurrencyAndAmount CcyXchg?:CurrencyExchange5',
  AmountAndCurrencyExchangeDetails4:
    'all Tp:Max35Text Amt:ActiveOrHistoricCurrencyAndAmount CcyXchg?:CurrencyExchange5',
  AmountAndDirection35: 'all Amt:NonNegativeDecimalNumber CdtDbtInd:CreditDebitCode',
  AmountRangeBoundary1: 'all BdryAmt:ImpliedCurrencyAndAmount Incl:YesNoIndicator',
  AmountType4Choice: 'one InstdAmt:ActiveOrHistoricCurrencyAndAmount EqvtAmt:EquivalentAmount2',
  AnyBICDec2014Identifier: 'pattern [A-Z0-9]{4,4}[A-Z]{2,2}[A-Z0-9]{2,2}([A-Z0-9]{3,3}){0,1}',
  AttendanceContext1Code: 'code ATTD SATT UATT',
  AuthenticationEntity1Code: 'code ICCD AGNT MERC',
  AuthenticationMethod1Code: 'code UKNW BYPS NPIN FPIN CPSG PPSG MANU MERC SCRT SNCT SCNL',
  Authorisation1Choice: 'one Cd:Authorisation1Code Prtry:Max128Text',
  Authorisation1Code: 'code AUTH FDET FSUM ILEV',
  BICFIDec2014Identifier: 'pattern [A-Z0-9]{4,4}[A-Z]{2,2}[A-Z0-9]{2,2}([A-Z0-9]{3,3}){0,1}',
  BalanceSubType1Choice: 'one Cd:ExternalBalanceSubType1Code Prtry:Max35Text',
  BalanceType10Choice: 'one Cd:ExternalBalanceType1Code Prtry:Max35Text',
  BalanceType13: 'all CdOrPrtry:BalanceType10Choice SubTp?:BalanceSubType1Choice',
  BankToCustomerAccountReportV08:
    'all GrpHdr:GroupHeader81 Rpt+:AccountReport25 SplmtryData*:SupplementaryData1',
  BankToCustomerDebitCreditNotificationV08:
    'all GrpHdr:GroupHeader81 Ntfctn+:AccountNotification17 SplmtryData*:SupplementaryData1',
  BankToCustomerStatementV08:
    'all GrpHdr:GroupHeader81 Stmt+:AccountStatement9 SplmtryData*:SupplementaryData1',
  BankTransactionCodeStructure4:
    'all Domn?:BankTransactionCodeStructure5 Prtry?:ProprietaryBankTransactionCodeStructure1',
  BankTransactionCodeStructure5:
    'all Cd:ExternalBankTransactionDomain1Code Fmly:BankTransactionCodeStructure6',
  BankTransactionCodeStructure6:
    'all Cd:ExternalBankTransactionFamily1Code SubFmlyCd:ExternalBankTransactionSubFamily1Code',
  BaseOneRate: 'decimal 11 10',
  BatchBookingIndicator: 'boolean',
  BatchInformation2:
    'all MsgId?:Max35Text PmtInfId?:Max35Text NbOfTxs?:Max15NumericText TtlAmt?:ActiveOrHistoricCurrencyAndAmount CdtDbtInd?:CreditDebitCode',
  BranchAndFinancialInstitutionIdentification6:
    'all FinInstnId:FinancialInstitutionIdentification18 BrnchId?:BranchData3',
  BranchData3: 'all Id?:Max35Text LEI?:LEIIdentifier Nm?:Max140Text PstlAdr?:PostalAddress24',
  BusinessApplicationHeader5:
    'all CharSet?:UnicodeChartsCode Fr:Party44Choice To:Party44Choice BizMsgIdr:Max35Text MsgDefIdr:Max35Text BizSvc?:Max35Text CreDt:ISODateTime CpyDplct?:CopyDuplicate1Code PssblDplct?:YesNoIndicator Prty?:BusinessMessagePriorityCode Sgntr?:SignatureEnvelope',
  BusinessApplicationHeaderV02:
    'all CharSet?:UnicodeChartsCode Fr:Party44Choice To:Party44Choice BizMsgIdr:Max35Text MsgDefIdr:Max35Text BizSvc?:Max35Text MktPrctc?:ImplementationSpecification1 CreDt:ISODateTime BizPrcgDt?:ISODateTime CpyDplct?:CopyDuplicate1Code PssblDplct?:YesNoIndicator Prty?:BusinessMessagePriorityCode Sgntr?:SignatureEnvelope Rltd*:BusinessApplicationHeader5',
  BusinessMessagePriorityCode: 'text',
  CSCManagement1Code: 'code PRST BYPS UNRD NCSC',
  CancellationIndividualStatus1Code: 'code RJCR ACCR PDCR',
  CancellationReason33Choice: 'one Cd:ExternalCancellationReason1Code Prtry:Max35Text',
  CancellationStatusReason3Choice:
    'one Cd:ExternalPaymentCancellationRejection1Code Prtry:Max35Text',
  CancellationStatusReason4:
    'all Orgtr?:PartyIdentification135 Rsn?:CancellationStatusReason3Choice AddtlInf*:Max105Text',
  CardAggregated2:
    'all AddtlSvc?:CardPaymentServiceType2Code TxCtgy?:ExternalCardTransactionCategory1Code SaleRcncltnId?:Max35Text SeqNbRg?:CardSequenceNumberRange1 TxDtRg?:DateOrDateTimePeriod1Choice',
  CardDataReading1Code: 'code TAGC PHYS BRCD MGST CICC DFLE CTLS ECTL',
  CardEntry4:
    'all Card?:PaymentCard4 POI?:PointOfInteraction1 AggtdNtry?:CardAggregated2 PrePdAcct?:CashAccount38',
  CardIndividualTransaction2:
    'all ICCRltdData?:Max1025Text PmtCntxt?:PaymentContext3 AddtlSvc?:CardPaymentServiceType2Code TxCtgy?:ExternalCardTransactionCategory1Code SaleRcncltnId?:Max35Text SaleRefNb?:Max35Text RePresntmntRsn?:ExternalRePresentmentReason1Code SeqNb?:Max35Text TxId?:TransactionIdentifier1 Pdct?:Product2 VldtnDt?:ISODate VldtnSeqNb?:Max35Text',
  CardPaymentServiceType2Code: 'code AGGR DCCV GRTT INSP LOYT NRES PUCO RECP SOAF UNAF VCAU',
  CardSecurityInformation1: 'all CSCMgmt:CSCManagement1Code CSCVal?:Min3Max4NumericText',
  CardSequenceNumberRange1: 'all FrstTx?:Max35Text LastTx?:Max35Text',
  CardTransaction17:
    'all Card?:PaymentCard4 POI?:PointOfInteraction1 Tx?:CardTransaction3Choice PrePdAcct?:CashAccount38',
  CardTransaction3Choice: 'one Aggtd:CardAggregated2 Indv:CardIndividualTransaction2',
  CardholderAuthentication2:
    'all AuthntcnMtd:AuthenticationMethod1Code AuthntcnNtty:AuthenticationEntity1Code',
  CardholderVerificationCapability1Code:
    'code MNSG NPIN FCPN FEPN FDSG FBIO MNVR FBIG APKI PKIS CHDT SCEC',
  Case5: 'all Id:Max35Text Cretr:Party40Choice ReopCaseIndctn?:YesNoIndicator',
  CaseAssignment5: 'all Id:Max35Text Assgnr:Party40Choice Assgne:Party40Choice CreDtTm:ISODateTime',
  CashAccount38:
    'all Id:AccountIdentification4Choice Tp?:CashAccountType2Choice Ccy?:ActiveOrHistoricCurrencyCode Nm?:Max70Text Prxy?:ProxyAccountIdentification1',
  CashAccount39:
    'all Id:AccountIdentification4Choice Tp?:CashAccountType2Choice Ccy?:ActiveOrHistoricCurrencyCode Nm?:Max70Text Prxy?:ProxyAccountIdentification1 Ownr?:PartyIdentification135 Svcr?:BranchAndFinancialInstitutionIdentification6',
  CashAccountType2Choice: 'one Cd:ExternalCashAccountType1Code Prtry:Max35Text',
  CashAvailability1:
    'all Dt:CashAvailabilityDate1Choice Amt:ActiveOrHistoricCurrencyAndAmount CdtDbtInd:CreditDebitCode',
  CashAvailabilityDate1Choice: 'one NbOfDays:Max15PlusSignedNumericText ActlDt:ISODate',
  CashBalance8:
    'all Tp:BalanceType13 CdtLine*:CreditLine3 Amt:ActiveOrHistoricCurrencyAndAmount CdtDbtInd:CreditDebitCode Dt:DateAndDateTime2Choice Avlbty*:CashAvailability1',
  CashDeposit1:
    'all NoteDnmtn:ActiveCurrencyAndAmount NbOfNotes:Max15NumericText Amt:ActiveCurrencyAndAmount',
  CategoryPurpose1Choice: 'one Cd:ExternalCategoryPurpose1Code Prtry:Max35Text',
  ChargeBearerType1Code: 'code DEBT CRED SHAR SLEV',
  ChargeIncludedIndicator: 'boolean',
  ChargeType3Choice: 'one Cd:ExternalChargeType1Code Prtry:GenericIdentification3',
  Charges6: 'all TtlChrgsAndTaxAmt?:ActiveOrHistoricCurrencyAndAmount Rcrd*:ChargesRecord3',
  Charges7:
    'all Amt:ActiveOrHistoricCurrencyAndAmount Agt:BranchAndFinancialInstitutionIdentification6',
  ChargesRecord3:
    'all Amt:ActiveOrHistoricCurrencyAndAmount CdtDbtInd?:CreditDebitCode ChrgInclInd?:ChargeIncludedIndicator Tp?:ChargeType3Choice Rate?:PercentageRate Br?:ChargeBearerType1Code Agt?:BranchAndFinancialInstitutionIdentification6 Tax?:TaxCharges2',
  ClaimNonReceipt2: 'all DtPrcd:ISODate OrgnlNxtAgt?:BranchAndFinancialInstitutionIdentification6',
  ClaimNonReceipt2Choice: 'one Accptd:ClaimNonReceipt2 Rjctd:ClaimNonReceiptRejectReason1Choice',
  ClaimNonReceiptRejectReason1Choice:
    'one Cd:ExternalClaimNonReceiptRejection1Code Prtry:Max35Text',
  ClearingChannel2Code: 'code RTGS RTNS MPNS BOOK',
  ClearingSystemIdentification2Choice:
    'one Cd:ExternalClearingSystemIdentification1Code Prtry:Max35Text',
  ClearingSystemIdentification3Choice: 'one Cd:ExternalCashClearingSystem1Code Prtry:Max35Text',
  ClearingSystemMemberIdentification2:
    'all ClrSysId?:ClearingSystemIdentification2Choice MmbId:Max35Text',
  Compensation2:
    'all Amt:ActiveCurrencyAndAmount DbtrAgt:BranchAndFinancialInstitutionIdentification6 CdtrAgt:BranchAndFinancialInstitutionIdentification6 Rsn:CompensationReason1Choice',
  CompensationReason1Choice: 'one Cd:ExternalPaymentCompensationReason1Code Prtry:Max35Text',
  Contact4:
    'all NmPrfx?:NamePrefix2Code Nm?:Max140Text PhneNb?:PhoneNumber MobNb?:PhoneNumber FaxNb?:PhoneNumber EmailAdr?:Max2048Text EmailPurp?:Max35Text JobTitl?:Max35Text Rspnsblty?:Max35Text Dept?:Max70Text Othr*:OtherContact1 PrefrdMtd?:PreferredContactMethod1Code',
  ControlData1: 'all NbOfTxs:Max15NumericText CtrlSum?:DecimalNumber',
  CopyDuplicate1Code: 'code CODU COPY DUPL',
  CorporateAction9: 'all EvtTp:Max35Text EvtId:Max35Text',
  CorrectiveGroupInformation1: 'all MsgId:Max35Text MsgNmId:Max35Text CreDtTm?:ISODateTime',
  CorrectiveInterbankTransaction2:
    'all GrpHdr?:CorrectiveGroupInformation1 InstrId?:Max35Text EndToEndId?:Max35Text TxId?:Max35Text UETR?:UUIDv4Identifier IntrBkSttlmAmt:ActiveOrHistoricCurrencyAndAmount IntrBkSttlmDt:ISODate',
  CorrectivePaymentInitiation4:
    'all GrpHdr?:CorrectiveGroupInformation1 PmtInfId?:Max35Text InstrId?:Max35Text EndToEndId?:Max35Text UETR?:UUIDv4Identifier InstdAmt:ActiveOrHistoricCurrencyAndAmount ReqdExctnDt?:DateAndDateTime2Choice ReqdColltnDt?:ISODate',
  CorrectiveTransaction4Choice:
    'one Initn:CorrectivePaymentInitiation4 IntrBk:CorrectiveInterbankTransaction2',
  CountryCode: 'pattern [A-Z]{2,2}',
  CreditDebitCode: 'code CRDT DBIT',
  CreditLine3:
    'all Incl:TrueFalseIndicator Tp?:CreditLineType1Choice Amt?:ActiveOrHistoricCurrencyAndAmount Dt?:DateAndDateTime2Choice',
  CreditLineType1Choice: 'one Cd:ExternalCreditLineType1Code Prtry:Max35Text',
  CreditTransferTransaction36:
    'all PmtId:PaymentIdentification7 PmtTpInf?:PaymentTypeInformation28 IntrBkSttlmAmt:ActiveCurrencyAndAmount IntrBkSttlmDt?:ISODate SttlmPrty?:Priority3Code SttlmTmIndctn?:SettlementDateTimeIndication1 SttlmTmReq?:SettlementTimeRequest2 PrvsInstgAgt1?:BranchAndFinancialInstitutionIdentification6 PrvsInstgAgt1Acct?:CashAccount38 PrvsInstgAgt2?:BranchAndFinancialInstitutionIdentification6 PrvsInstgAgt2Acct?:CashAccount38 PrvsInstgAgt3?:BranchAndFinancialInstitutionIdentification6 PrvsInstgAgt3Acct?:CashAccount38 InstgAgt?:BranchAndFinancialInstitutionIdentification6 InstdAgt?:BranchAndFinancialInstitutionIdentification6 IntrmyAgt1?:BranchAndFinancialInstitutionIdentification6 IntrmyAgt1Acct?:CashAccount38 IntrmyAgt2?:BranchAndFinancialInstitutionIdentification6 IntrmyAgt2Acct?:CashAccount38 IntrmyAgt3?:BranchAndFinancialInstitutionIdentification6 IntrmyAgt3Acct?:CashAccount38 UltmtDbtr?:BranchAndFinancialInstitutionIdentification6 Dbtr:BranchAndFinancialInstitutionIdentification6 DbtrAcct?:CashAccount38 DbtrAgt?:BranchAndFinancialInstitutionIdentification6 DbtrAgtAcct?:CashAccount38 CdtrAgt?:BranchAndFinancialInstitutionIdentification6 CdtrAgtAcct?:CashAccount38 Cdtr:BranchAndFinancialInstitutionIdentification6 CdtrAcct?:CashAccount38 UltmtCdtr?:BranchAndFinancialInstitutionIdentification6 InstrForCdtrAgt*:InstructionForCreditorAgent2 InstrForNxtAgt*:InstructionForNextAgent1 Purp?:Purpose2Choice RmtInf?:RemittanceInformation2 UndrlygCstmrCdtTrf?:CreditTransferTransaction37 SplmtryData*:SupplementaryData1',
  CreditTransferTransaction37:
    'all UltmtDbtr?:PartyIdentification135 InitgPty?:PartyIdentification135 Dbtr:PartyIdentification135 DbtrAcct?:CashAccount38 DbtrAgt:BranchAndFinancialInstitutionIdentification6 DbtrAgtAcct?:CashAccount38 PrvsInstgAgt1?:BranchAndFinancialInstitutionIdentification6 PrvsInstgAgt1Acct?:CashAccount38 PrvsInstgAgt2?:BranchAndFinancialInstitutionIdentification6 PrvsInstgAgt2Acct?:CashAccount38 PrvsInstgAgt3?:BranchAndFinancialInstitutionIdentification6 PrvsInstgAgt3Acct?:CashAccount38 IntrmyAgt1?:BranchAndFinancialInstitutionIdentification6 IntrmyAgt1Acct?:CashAccount38 IntrmyAgt2?:BranchAndFinancialInstitutionIdentification6 IntrmyAgt2Acct?:CashAccount38 IntrmyAgt3?:BranchAndFinancialInstitutionIdentification6 IntrmyAgt3Acct?:CashAccount38 CdtrAgt:BranchAndFinancialInstitutionIdentification6 CdtrAgtAcct?:CashAccount38 Cdtr:PartyIdentification135 CdtrAcct?:CashAccount38 UltmtCdtr?:PartyIdentification135 InstrForCdtrAgt*:InstructionForCreditorAgent1 InstrForNxtAgt*:InstructionForNextAgent1 Tax?:TaxInformation8 RmtInf?:RemittanceInformation16 InstdAmt?:ActiveOrHistoricCurrencyAndAmount',
  CreditTransferTransaction39:
    'all PmtId:PaymentIdentification7 PmtTpInf?:PaymentTypeInformation28 IntrBkSttlmAmt:ActiveCurrencyAndAmount IntrBkSttlmDt?:ISODate SttlmPrty?:Priority3Code SttlmTmIndctn?:SettlementDateTimeIndication1 SttlmTmReq?:SettlementTimeRequest2 AccptncDtTm?:ISODateTime PoolgAdjstmntDt?:ISODate InstdAmt?:ActiveOrHistoricCurrencyAndAmount XchgRate?:BaseOneRate ChrgBr:ChargeBearerType1Code ChrgsInf*:Charges7 PrvsInstgAgt1?:BranchAndFinancialInstitutionIdentification6 PrvsInstgAgt1Acct?:CashAccount38 PrvsInstgAgt2?:BranchAndFinancialInstitutionIdentification6 PrvsInstgAgt2Acct?:CashAccount38 PrvsInstgAgt3?:BranchAndFinancialInstitutionIdentification6 PrvsInstgAgt3Acct?:CashAccount38 InstgAgt?:BranchAndFinancialInstitutionIdentification6 InstdAgt?:BranchAndFinancialInstitutionIdentification6 IntrmyAgt1?:BranchAndFinancialInstitutionIdentification6 IntrmyAgt1Acct?:CashAccount38 IntrmyAgt2?:BranchAndFinancialInstitutionIdentification6 IntrmyAgt2Acct?:CashAccount38 IntrmyAgt3?:BranchAndFinancialInstitutionIdentification6 IntrmyAgt3Acct?:CashAccount38 UltmtDbtr?:PartyIdentification135 InitgPty?:PartyIdentification135 Dbtr:PartyIdentification135 DbtrAcct?:CashAccount38 DbtrAgt:BranchAndFinancialInstitutionIdentification6 DbtrAgtAcct?:CashAccount38 CdtrAgt:BranchAndFinancialInstitutionIdentification6 CdtrAgtAcct?:CashAccount38 Cdtr:PartyIdentification135 CdtrAcct?:CashAccount38 UltmtCdtr?:PartyIdentification135 InstrForCdtrAgt*:InstructionForCreditorAgent1 InstrForNxtAgt*:InstructionForNextAgent1 Purp?:Purpose2Choice RgltryRptg*10:RegulatoryReporting3 Tax?:TaxInformation8 RltdRmtInf*10:RemittanceLocation7 RmtInf?:RemittanceInformation16 SplmtryData*:SupplementaryData1',
  CreditorReferenceInformation2: 'all Tp?:CreditorReferenceType2 Ref?:Max35Text',
  CreditorReferenceType1Choice: 'one Cd:DocumentType3Code Prtry:Max35Text',
  CreditorReferenceType2: 'all CdOrPrtry:CreditorReferenceType1Choice Issr?:Max35Text',
  CurrencyExchange5:
    'all SrcCcy:ActiveOrHistoricCurrencyCode TrgtCcy?:ActiveOrHistoricCurrencyCode UnitCcy?:ActiveOrHistoricCurrencyCode XchgRate:BaseOneRate CtrctId?:Max35Text QtnDt?:ISODateTime',
  CurrentOrDefaultReservation2Choice:
    'one Cur:ReservationIdentification2 Dflt:ReservationIdentification2',
  DateAndDateTime2Choice: 'one Dt:ISODate DtTm:ISODateTime',
  DateAndPlaceOfBirth1:
    'all BirthDt:ISODate PrvcOfBirth?:Max35Text CityOfBirth:Max35Text CtryOfBirth:CountryCode',
  DateOrDateTimePeriod1Choice: 'one Dt:DatePeriod2 DtTm:DateTimePeriod1',
  DatePeriod2: 'all FrDt:ISODate ToDt:ISODate',
  DatePeriodDetails1: 'all FrDt:ISODate ToDt?:ISODate',
  DateTimePeriod1: 'all FrDtTm:ISODateTime ToDtTm:ISODateTime',
  DateTimePeriod1Choice: 'one FrDtTm:ISODateTime ToDtTm:ISODateTime DtTmRg:DateTimePeriod1',
  DecimalNumber: 'decimal 18 17',
  DeleteLimitV07:
    'all MsgHdr:MessageHeader1 LmtDtls:LimitStructure2Choice SplmtryData*:SupplementaryData1',
  DiscountAmountAndType1: 'all Tp?:DiscountAmountType1Choice Amt:ActiveOrHistoricCurrencyAndAmount',
  DiscountAmountType1Choice: 'one Cd:ExternalDiscountAmountType1Code Prtry:Max35Text',
  DisplayCapabilities1:
    'all DispTp:UserInterface2Code NbOfLines:Max3NumericText LineWidth:Max3NumericText',
  DocumentAdjustment1:
    'all Amt:ActiveOrHistoricCurrencyAndAmount CdtDbtInd?:CreditDebitCode Rsn?:Max4Text AddtlInf?:Max140Text',
  DocumentLineIdentification1: 'all Tp?:DocumentLineType1 Nb?:Max35Text RltdDt?:ISODate',
  DocumentLineInformation1:
    'all Id+:DocumentLineIdentification1 Desc?:Max2048Text Amt?:RemittanceAmount3',
  DocumentLineType1: 'all CdOrPrtry:DocumentLineType1Choice Issr?:Max35Text',
  DocumentLineType1Choice: 'one Cd:ExternalDocumentLineType1Code Prtry:Max35Text',
  DocumentType3Code: 'code RADM RPIN FXDR DISP PUOR SCOR',
  DocumentType6Code:
    'code MSIN CNFA DNFA CINV CREN DEBN HIRI SBIN CMCN SOAC DISP BOLD VCHR AROI TSUT PUOR',
  EntryDetails9: 'all Btch?:BatchInformation2 TxDtls*:EntryTransaction10',
  EntryStatus1Choice: 'one Cd:ExternalEntryStatus1Code Prtry:Max35Text',
  EntryTransaction10:
    'all Refs?:TransactionReferences6 Amt?:ActiveOrHistoricCurrencyAndAmount CdtDbtInd?:CreditDebitCode AmtDtls?:AmountAndCurrencyExchange3 Avlbty*:CashAvailability1 BkTxCd?:BankTransactionCodeStructure4 Chrgs?:Charges6 Intrst?:TransactionInterest4 RltdPties?:TransactionParties6 RltdAgts?:TransactionAgents5 LclInstrm?:LocalInstrument2Choice Purp?:Purpose2Choice RltdRmtInf*10:RemittanceLocation7 RmtInf?:RemittanceInformation16 RltdDts?:TransactionDates3 RltdPric?:TransactionPrice4Choice RltdQties*:TransactionQuantities3Choice FinInstrmId?:SecurityIdentification19 Tax?:TaxInformation8 RtrInf?:PaymentReturnReason5 CorpActn?:CorporateAction9 SfkpgAcct?:SecuritiesAccount19 CshDpst*:CashDeposit1 CardTx?:CardTransaction17 AddtlTxInf?:Max500Text SplmtryData*:SupplementaryData1',
  EntryTypeIdentifier: 'pattern [BEOVW]{1,1}[0-9]{2,2}|DUM',
  EquivalentAmount2:
    'all Amt:ActiveOrHistoricCurrencyAndAmount CcyOfTrf:ActiveOrHistoricCurrencyCode',
  Exact1NumericText: 'pattern [0-9]',
  Exact2NumericText: 'pattern [0-9]{2}',
  Exact3NumericText: 'pattern [0-9]{3}',
  Exact4AlphaNumericText: 'pattern [a-zA-Z0-9]{4}',
  ExternalAccountIdentification1Code: 'text 1 4',
  ExternalBalanceSubType1Code: 'text 1 4',
  ExternalBalanceType1Code: 'text 1 4',
  ExternalBankTransactionDomain1Code: 'text 1 4',
  ExternalBankTransactionFamily1Code: 'text 1 4',
  ExternalBankTransactionSubFamily1Code: 'text 1 4',
  ExternalCancellationReason1Code: 'text 1 4',
  ExternalCardTransactionCategory1Code: 'text 1 4',
  ExternalCashAccountType1Code: 'text 1 4',
  ExternalCashClearingSystem1Code: 'text 1 3',
  ExternalCategoryPurpose1Code: 'text 1 4',
  ExternalChargeType1Code: 'text 1 4',
  ExternalClaimNonReceiptRejection1Code: 'text 1 4',
  ExternalClearingSystemIdentification1Code: 'text 1 5',
  ExternalCreditLineType1Code: 'text 1 4',
  ExternalDiscountAmountType1Code: 'text 1 4',
  ExternalDocumentLineType1Code: 'text 1 4',
  ExternalEnquiryRequestType1Code: 'text 1 4',
  ExternalEntryStatus1Code: 'text 1 4',
  ExternalFinancialInstitutionIdentification1Code: 'text 1 4',
  ExternalFinancialInstrumentIdentificationType1Code: 'text 1 4',
  ExternalGarnishmentType1Code: 'text 1 4',
  ExternalInvestigationExecutionConfirmation1Code: 'text 1 4',
  ExternalLocalInstrument1Code: 'text 1 35',
  ExternalMandateSetupReason1Code: 'text 1 4',
  ExternalMarketInfrastructure1Code: 'text 1 3',
  ExternalOrganisationIdentification1Code: 'text 1 4',
  ExternalPaymentCancellationRejection1Code: 'text 1 4',
  ExternalPaymentCompensationReason1Code: 'text 1 4',
  ExternalPaymentControlRequestType1Code: 'text 1 4',
  ExternalPaymentGroupStatus1Code: 'text 1 4',
  ExternalPaymentModificationRejection1Code: 'text 1 4',
  ExternalPaymentTransactionStatus1Code: 'text 1 4',
  ExternalPersonIdentification1Code: 'text 1 4',
  ExternalProxyAccountType1Code: 'text 1 4',
  ExternalPurpose1Code: 'text 1 4',
  ExternalRePresentmentReason1Code: 'text 1 4',
  ExternalReportingSource1Code: 'text 1 4',
  ExternalReturnReason1Code: 'text 1 4',
  ExternalServiceLevel1Code: 'text 1 4',
  ExternalStatusReason1Code: 'text 1 4',
  ExternalTaxAmountType1Code: 'text 1 4',
  ExternalTechnicalInputChannel1Code: 'text 1 4',
  FIToFICustomerCreditTransferV08:
    'all GrpHdr:GroupHeader93 CdtTrfTxInf+:CreditTransferTransaction39 SplmtryData*:SupplementaryData1',
  FIToFIPaymentCancellationRequestV08:
    'all Assgnmt:CaseAssignment5 Case?:Case5 CtrlData?:ControlData1 Undrlyg+:UnderlyingTransaction23 SplmtryData*:SupplementaryData1',
  FIToFIPaymentStatusReportV10:
    'all GrpHdr:GroupHeader91 OrgnlGrpInfAndSts*:OriginalGroupHeader17 TxInfAndSts*:PaymentTransaction110 SplmtryData*:SupplementaryData1',
  FIToFIPaymentStatusRequestV03:
    'all GrpHdr:GroupHeader91 OrgnlGrpInf*:OriginalGroupInformation27 TxInf*:PaymentTransaction113 SplmtryData*:SupplementaryData1',
  FinancialIdentificationSchemeName1Choice:
    'one Cd:ExternalFinancialInstitutionIdentification1Code Prtry:Max35Text',
  FinancialInstitutionCreditTransferV08:
    'all GrpHdr:GroupHeader93 CdtTrfTxInf+:CreditTransferTransaction36 SplmtryData*:SupplementaryData1',
  FinancialInstitutionIdentification18:
    'all BICFI?:BICFIDec2014Identifier ClrSysMmbId?:ClearingSystemMemberIdentification2 LEI?:LEIIdentifier Nm?:Max140Text PstlAdr?:PostalAddress24 Othr?:GenericFinancialIdentification1',
  FinancialInstrumentQuantity1Choice:
    'one Unit:DecimalNumber FaceAmt:ImpliedCurrencyAndAmount AmtsdVal:ImpliedCurrencyAndAmount',
  FloorLimitType1Code: 'code CRED DEBT BOTH',
  Frequency36Choice: 'one Tp:Frequency6Code Prd:FrequencyPeriod1 PtInTm:FrequencyAndMoment1',
  Frequency6Code: 'code YEAR MNTH QURT MIAN WEEK DAIL ADHO INDA FRTN',
  FrequencyAndMoment1: 'all Tp:Frequency6Code PtInTm:Exact2NumericText',
  FrequencyPeriod1: 'all Tp:Frequency6Code CntPerPrd:DecimalNumber',
  FromToAmountRange1: 'all FrAmt:AmountRangeBoundary1 ToAmt:AmountRangeBoundary1',
  Garnishment3:
    'all Tp:GarnishmentType1 Grnshee?:PartyIdentification135 GrnshmtAdmstr?:PartyIdentification135 RefNb?:Max140Text Dt?:ISODate RmtdAmt?:ActiveOrHistoricCurrencyAndAmount FmlyMdclInsrncInd?:TrueFalseIndicator MplyeeTermntnInd?:TrueFalseIndicator',
  GarnishmentType1: 'all CdOrPrtry:GarnishmentType1Choice Issr?:Max35Text',
  GarnishmentType1Choice: 'one Cd:ExternalGarnishmentType1Code Prtry:Max35Text',
  GenericAccountIdentification1:
    'all Id:Max34Text SchmeNm?:AccountSchemeName1Choice Issr?:Max35Text',
  GenericFinancialIdentification1:
    'all Id:Max35Text SchmeNm?:FinancialIdentificationSchemeName1Choice Issr?:Max35Text',
  GenericIdentification1: 'all Id:Max35Text SchmeNm?:Max35Text Issr?:Max35Text',
  GenericIdentification3: 'all Id:Max35Text Issr?:Max35Text',
  GenericIdentification30: 'all Id:Exact4AlphaNumericText Issr:Max35Text SchmeNm?:Max35Text',
  GenericIdentification32:
    'all Id:Max35Text Tp?:PartyType3Code Issr?:PartyType4Code ShrtNm?:Max35Text',
  GenericOrganisationIdentification1:
    'all Id:Max35Text SchmeNm?:OrganisationIdentificationSchemeName1Choice Issr?:Max35Text',
  GenericPersonIdentification1:
    'all Id:Max35Text SchmeNm?:PersonIdentificationSchemeName1Choice Issr?:Max35Text',
  GroupCancellationIndicator: 'boolean',
  GroupCancellationStatus1Code: 'code PACR RJCR ACCR PDCR',
  GroupHeader77: 'all MsgId:Max35Text CreDtTm:ISODateTime MsgSndr?:Party40Choice',
  GroupHeader81:
    'all MsgId:Max35Text CreDtTm:ISODateTime MsgRcpt?:PartyIdentification135 MsgPgntn?:Pagination1 OrgnlBizQry?:OriginalBusinessQuery1 AddtlInf?:Max500Text',
  GroupHeader90:
    'all MsgId:Max35Text CreDtTm:ISODateTime Authstn*2:Authorisation1Choice BtchBookg?:BatchBookingIndicator NbOfTxs:Max15NumericText CtrlSum?:DecimalNumber GrpRtr?:TrueFalseIndicator TtlRtrdIntrBkSttlmAmt?:ActiveCurrencyAndAmount IntrBkSttlmDt?:ISODate SttlmInf:SettlementInstruction7 InstgAgt?:BranchAndFinancialInstitutionIdentification6 InstdAgt?:BranchAndFinancialInstitutionIdentification6',
  GroupHeader91:
    'all MsgId:Max35Text CreDtTm:ISODateTime InstgAgt?:BranchAndFinancialInstitutionIdentification6 InstdAgt?:BranchAndFinancialInstitutionIdentification6',
  GroupHeader93:
    'all MsgId:Max35Text CreDtTm:ISODateTime BtchBookg?:BatchBookingIndicator NbOfTxs:Max15NumericText CtrlSum?:DecimalNumber TtlIntrBkSttlmAmt?:ActiveCurrencyAndAmount IntrBkSttlmDt?:ISODate SttlmInf:SettlementInstruction7 PmtTpInf?:PaymentTypeInformation28 InstgAgt?:BranchAndFinancialInstitutionIdentification6 InstdAgt?:BranchAndFinancialInstitutionIdentification6',
  IBAN2007Identifier: 'pattern [A-Z]{2,2}[0-9]{2,2}[a-zA-Z0-9]{1,30}',
  ISINOct2015Identifier: 'pattern [A-Z]{2,2}[A-Z0-9]{9,9}[0-9]{1,1}',
  ISO2ALanguageCode: 'pattern [a-z]{2,2}',
  ISODate: 'date',
  ISODateTime: 'dateTime',
  ISOTime: 'time',
  ISOYearMonth: 'gYearMonth',
  IdentificationSource3Choice:
    'one Cd:ExternalFinancialInstrumentIdentificationType1Code Prtry:Max35Text',
  ImplementationSpecification1: 'all Regy:Max350Text Id:Max2048Text',
  ImpliedCurrencyAmountRange1Choice:
    'one FrAmt:AmountRangeBoundary1 ToAmt:AmountRangeBoundary1 FrToAmt:FromToAmountRange1 EQAmt:ImpliedCurrencyAndAmount NEQAmt:ImpliedCurrencyAndAmount',
  ImpliedCurrencyAndAmount: 'decimal 18 5 0',
  Instruction1Code: 'code PBEN TTIL TFRO',
  Instruction3Code: 'code CHQB HOLD PHOB TELB',
  Instruction4Code: 'code PHOA TELA',
  Instruction5Code: 'code PHOB TELB',
  InstructionForCreditorAgent1: 'all Cd?:Instruction3Code InstrInf?:Max140Text',
  InstructionForCreditorAgent2: 'all Cd?:Instruction5Code InstrInf?:Max140Text',
  InstructionForNextAgent1: 'all Cd?:Instruction4Code InstrInf?:Max140Text',
  InterestRecord2:
    'all Amt:ActiveOrHistoricCurrencyAndAmount CdtDbtInd:CreditDebitCode Tp?:InterestType1Choice Rate?:Rate4 FrToDt?:DateTimePeriod1 Rsn?:Max35Text Tax?:TaxCharges2',
  InterestType1Choice: 'one Cd:InterestType1Code Prtry:Max35Text',
  InterestType1Code: 'code INDY OVRN',
  InvestigationStatus5Choice:
    'one Conf:ExternalInvestigationExecutionConfirmation1Code RjctdMod+:ModificationStatusReason1Choice DplctOf:Case5 AssgnmtCxlConf:YesNoIndicator',
  LEIIdentifier: 'pattern [A-Z0-9]{18,18}[0-9]{2,2}',
  Limit2: 'all Amt:ActiveOrHistoricCurrencyAndAmount CdtDbtInd:FloorLimitType1Code',
  Limit8: 'all StartDtTm?:DateAndDateTime2Choice Amt:Amount2Choice CdtDbtInd?:CreditDebitCode',
  LimitIdentification2Choice:
    'one Cur:LimitIdentification5 Dflt:LimitIdentification5 AllCur:LimitIdentification6 AllDflt:LimitIdentification6',
  LimitIdentification5:
    'all SysId?:SystemIdentification2Choice BilLmtCtrPtyId?:BranchAndFinancialInstitutionIdentification6 Tp:LimitType1Choice AcctOwnr?:BranchAndFinancialInstitutionIdentification6 AcctId?:AccountIdentification4Choice',
  LimitIdentification6:
    'all SysId?:SystemIdentification2Choice Tp:LimitType1Choice AcctOwnr?:BranchAndFinancialInstitutionIdentification6 AcctId?:AccountIdentification4Choice',
  LimitStructure2Choice: 'one CurLmtId:LimitIdentification5 AllCurLmts:LimitIdentification6',
  LimitStructure3: 'all LmtId:LimitIdentification2Choice NewLmtValSet:Limit8',
  LimitType1Choice: 'one Cd:LimitType3Code Prtry:Max35Text',
  LimitType3Code: 'code MULT BILI MAND DISC NELI INBI GLBL DIDB SPLC SPLF TDLC TDLF UCDT ACOL EXGT',
  LocalInstrument2Choice: 'one Cd:ExternalLocalInstrument1Code Prtry:Max35Text',
  LongPaymentIdentification2:
    'all TxId?:Max35Text UETR?:UUIDv4Identifier IntrBkSttlmAmt:ImpliedCurrencyAndAmount IntrBkSttlmDt:ISODate PmtMtd?:PaymentOrigin1Choice InstgAgt:BranchAndFinancialInstitutionIdentification6 InstdAgt:BranchAndFinancialInstitutionIdentification6 NtryTp?:EntryTypeIdentifier EndToEndId?:Max35Text',
  MandateRelatedInformation14:
    'all MndtId?:Max35Text DtOfSgntr?:ISODate AmdmntInd?:TrueFalseIndicator AmdmntInfDtls?:AmendmentInformationDetails13 ElctrncSgntr?:Max1025Text FrstColltnDt?:ISODate FnlColltnDt?:ISODate Frqcy?:Frequency36Choice Rsn?:MandateSetupReason1Choice TrckgDays?:Exact2NumericText',
  MandateSetupReason1Choice: 'one Cd:ExternalMandateSetupReason1Code Prtry:Max70Text',
  MarketInfrastructureIdentification1Choice:
    'one Cd:ExternalMarketInfrastructure1Code Prtry:Max35Text',
  Max1025Text: 'text 1 1025',
  Max105Text: 'text 1 105',
  Max10Text: 'text 1 10',
  Max128Text: 'text 1 128',
  Max140Text: 'text 1 140',
  Max15NumericText: 'pattern [0-9]{1,15}',
  Max15PlusSignedNumericText: 'pattern [\\+]{0,1}[0-9]{1,15}',
  Max16Text: 'text 1 16',
  Max2048Text: 'text 1 2048',
  Max34Text: 'text 1 34',
  Max350Text: 'text 1 350',
  Max35Text: 'text 1 35',
  Max3NumericText: 'pattern [0-9]{1,3}',
  Max4AlphaNumericText: 'text 1 4 [a-zA-Z0-9]{1,4}',
  Max4Text: 'text 1 4',
  Max500Text: 'text 1 500',
  Max5NumericText: 'pattern [0-9]{1,5}',
  Max70Text: 'text 1 70',
  MessageHeader1: 'all MsgId:Max35Text CreDtTm?:ISODateTime',
  MessageHeader9: 'all MsgId:Max35Text CreDtTm?:ISODateTime ReqTp?:RequestType4Choice',
  MessageIdentification2: 'all MsgNmId?:Max35Text MsgId?:Max35Text',
  Min2Max3NumericText: 'pattern [0-9]{2,3}',
  Min3Max4NumericText: 'pattern [0-9]{3,4}',
  Min8Max28NumericText: 'pattern [0-9]{8,28}',
  ModificationStatusReason1Choice:
    'one Cd:ExternalPaymentModificationRejection1Code Prtry:Max35Text',
  ModificationStatusReason2:
    'all Orgtr?:PartyIdentification135 Rsn?:ModificationStatusReason1Choice AddtlInf*:Max105Text',
  ModifyLimitV07:
    'all MsgHdr:MessageHeader1 LmtDtls*:LimitStructure3 SplmtryData*:SupplementaryData1',
  ModifyReservationV05:
    'all MsgHdr:MessageHeader1 RsvatnId:CurrentOrDefaultReservation2Choice NewRsvatnValSet:Reservation4 SplmtryData*:SupplementaryData1',
  ModifyTransactionV08:
    'all MsgHdr:MessageHeader1 Mod+:TransactionModification5 SplmtryData*:SupplementaryData1',
  NameAndAddress16: 'all Nm:Max140Text Adr:PostalAddress24',
  NamePrefix2Code: 'code DOCT MADM MISS MIST MIKS',
  NonNegativeDecimalNumber: 'decimal 18 17 0',
  Number: 'decimal 18 0',
  NumberAndSumOfTransactions1: 'all NbOfNtries?:Max15NumericText Sum?:DecimalNumber',
  NumberAndSumOfTransactions4:
    'all NbOfNtries?:Max15NumericText Sum?:DecimalNumber TtlNetNtry?:AmountAndDirection35',
  NumberOfCancellationsPerStatus1:
    'all DtldNbOfTxs:Max15NumericText DtldSts:CancellationIndividualStatus1Code DtldCtrlSum?:DecimalNumber',
  NumberOfTransactionsPerStatus1:
    'all DtldNbOfTxs:Max15NumericText DtldSts:TransactionIndividualStatus1Code DtldCtrlSum?:DecimalNumber',
  NumberOfTransactionsPerStatus5:
    'all DtldNbOfTxs:Max15NumericText DtldSts:ExternalPaymentTransactionStatus1Code DtldCtrlSum?:DecimalNumber',
  OnLineCapability1Code: 'code OFLN ONLN SMON',
  OrganisationIdentification29:
    'all AnyBIC?:AnyBICDec2014Identifier LEI?:LEIIdentifier Othr*:GenericOrganisationIdentification1',
  OrganisationIdentificationSchemeName1Choice:
    'one Cd:ExternalOrganisationIdentification1Code Prtry:Max35Text',
  OriginalAndCurrentQuantities1:
    'all FaceAmt:ImpliedCurrencyAndAmount AmtsdVal:ImpliedCurrencyAndAmount',
  OriginalBusinessQuery1: 'all MsgId:Max35Text MsgNmId?:Max35Text CreDtTm?:ISODateTime',
  OriginalGroupHeader14:
    'all OrgnlGrpCxlId?:Max35Text RslvdCase?:Case5 OrgnlMsgId:Max35Text OrgnlMsgNmId:Max35Text OrgnlCreDtTm?:ISODateTime OrgnlNbOfTxs?:Max15NumericText OrgnlCtrlSum?:DecimalNumber GrpCxlSts?:GroupCancellationStatus1Code CxlStsRsnInf*:CancellationStatusReason4 NbOfTxsPerCxlSts*:NumberOfTransactionsPerStatus1',
  OriginalGroupHeader15:
    'all GrpCxlId?:Max35Text Case?:Case5 OrgnlMsgId:Max35Text OrgnlMsgNmId:Max35Text OrgnlCreDtTm?:ISODateTime NbOfTxs?:Max15NumericText CtrlSum?:DecimalNumber GrpCxl?:GroupCancellationIndicator CxlRsnInf*:PaymentCancellationReason5',
  OriginalGroupHeader17:
    'all OrgnlMsgId:Max35Text OrgnlMsgNmId:Max35Text OrgnlCreDtTm?:ISODateTime OrgnlNbOfTxs?:Max15NumericText OrgnlCtrlSum?:DecimalNumber GrpSts?:ExternalPaymentGroupStatus1Code StsRsnInf*:StatusReasonInformation12 NbOfTxsPerSts*:NumberOfTransactionsPerStatus5',
  OriginalGroupHeader18:
    'all OrgnlMsgId:Max35Text OrgnlMsgNmId:Max35Text OrgnlCreDtTm?:ISODateTime RtrRsnInf*:PaymentReturnReason6',
  OriginalGroupInformation27:
    'all OrgnlMsgId:Max35Text OrgnlMsgNmId:Max35Text OrgnlCreDtTm?:ISODateTime OrgnlNbOfTxs?:Max15NumericText OrgnlCtrlSum?:DecimalNumber',
  OriginalGroupInformation29:
    'all OrgnlMsgId:Max35Text OrgnlMsgNmId:Max35Text OrgnlCreDtTm?:ISODateTime',
  OriginalMessageAndIssuer1: 'all MsgId:Max35Text MsgNmId?:Max35Text OrgtrNm?:Max70Text',
  OriginalPaymentInstruction30:
    'all OrgnlPmtInfCxlId?:Max35Text RslvdCase?:Case5 OrgnlPmtInfId:Max35Text OrgnlGrpInf?:OriginalGroupInformation29 OrgnlNbOfTxs?:Max15NumericText OrgnlCtrlSum?:DecimalNumber PmtInfCxlSts?:GroupCancellationStatus1Code CxlStsRsnInf*:CancellationStatusReason4 NbOfTxsPerCxlSts*:NumberOfCancellationsPerStatus1 TxInfAndSts*:PaymentTransaction103',
  OriginalTransactionReference28:
    'all IntrBkSttlmAmt?:ActiveOrHistoricCurrencyAndAmount Amt?:AmountType4Choice IntrBkSttlmDt?:ISODate ReqdColltnDt?:ISODate ReqdExctnDt?:DateAndDateTime2Choice CdtrSchmeId?:PartyIdentification135 SttlmInf?:SettlementInstruction7 PmtTpInf?:PaymentTypeInformation27 PmtMtd?:PaymentMethod4Code MndtRltdInf?:MandateRelatedInformation14 RmtInf?:RemittanceInformation16 UltmtDbtr?:Party40Choice Dbtr?:Party40Choice DbtrAcct?:CashAccount38 DbtrAgt?:BranchAndFinancialInstitutionIdentification6 DbtrAgtAcct?:CashAccount38 CdtrAgt?:BranchAndFinancialInstitutionIdentification6 CdtrAgtAcct?:CashAccount38 Cdtr?:Party40Choice CdtrAcct?:CashAccount38 UltmtCdtr?:Party40Choice Purp?:Purpose2Choice',
  OtherContact1: 'all ChanlTp:Max4Text Id?:Max128Text',
  OtherIdentification1: 'all Id:Max35Text Sfx?:Max16Text Tp:IdentificationSource3Choice',
  POIComponentType1Code: 'code SOFT EMVK EMVO MRIT CHIT SECM PEDV',
  Pagination1: 'all PgNb:Max5NumericText LastPgInd:YesNoIndicator',
  Party38Choice: 'one OrgId:OrganisationIdentification29 PrvtId:PersonIdentification13',
  Party40Choice: 'one Pty:PartyIdentification135 Agt:BranchAndFinancialInstitutionIdentification6',
  Party44Choice:
    'one OrgId:PartyIdentification135 FIId:BranchAndFinancialInstitutionIdentification6',
  PartyIdentification135:
    'all Nm?:Max140Text PstlAdr?:PostalAddress24 Id?:Party38Choice CtryOfRes?:CountryCode CtctDtls?:Contact4',
  PartyType3Code: 'code OPOI MERC ACCP ITAG ACQR CISS DLIS',
  PartyType4Code: 'code MERC ACCP ITAG ACQR CISS TAXH',
  PaymentCancellationReason5:
    'all Orgtr?:PartyIdentification135 Rsn?:CancellationReason33Choice AddtlInf*:Max105Text',
  PaymentCard4:
    'all PlainCardData?:PlainCardData1 CardCtryCd?:Exact3NumericText CardBrnd?:GenericIdentification1 AddtlCardData?:Max70Text',
  PaymentContext3:
    'all CardPres?:TrueFalseIndicator CrdhldrPres?:TrueFalseIndicator OnLineCntxt?:TrueFalseIndicator AttndncCntxt?:AttendanceContext1Code TxEnvt?:TransactionEnvironment1Code TxChanl?:TransactionChannel1Code AttndntMsgCpbl?:TrueFalseIndicator AttndntLang?:ISO2ALanguageCode CardDataNtryMd:CardDataReading1Code FllbckInd?:TrueFalseIndicator AuthntcnMtd?:CardholderAuthentication2',
  PaymentIdentification6Choice:
    'one TxId:Max35Text QId:QueueTransactionIdentification1 LngBizId:LongPaymentIdentification2 ShrtBizId:ShortPaymentIdentification2 PrtryId:Max70Text',
  PaymentIdentification7:
    'all InstrId?:Max35Text EndToEndId:Max35Text TxId?:Max35Text UETR?:UUIDv4Identifier ClrSysRef?:Max35Text',
  PaymentInstruction33:
    'all Instr?:Instruction1Code Tp?:PaymentType4Choice Prty?:Priority1Choice PrcgVldtyTm?:DateTimePeriod1Choice',
  PaymentInstrument1Code: 'code BDT BCT CDT CCT CHK BKT DCP CCP RTI CAN',
  PaymentMethod4Code: 'code CHK TRF DD TRA',
  PaymentOrigin1Choice:
    'one FINMT:Max3NumericText XMLMsgNm:Max35Text Prtry:Max35Text Instrm:PaymentInstrument1Code',
  PaymentReturnReason5:
    'all OrgnlBkTxCd?:BankTransactionCodeStructure4 Orgtr?:PartyIdentification135 Rsn?:ReturnReason5Choice AddtlInf*:Max105Text',
  PaymentReturnReason6:
    'all Orgtr?:PartyIdentification135 Rsn?:ReturnReason5Choice AddtlInf*:Max105Text',
  PaymentReturnV09:
    'all GrpHdr:GroupHeader90 OrgnlGrpInf?:OriginalGroupHeader18 TxInf*:PaymentTransaction112 SplmtryData*:SupplementaryData1',
  PaymentTransaction102:
    'all CxlStsId?:Max35Text RslvdCase?:Case5 OrgnlGrpInf?:OriginalGroupInformation29 OrgnlInstrId?:Max35Text OrgnlEndToEndId?:Max35Text OrgnlTxId?:Max35Text OrgnlClrSysRef?:Max35Text OrgnlUETR?:UUIDv4Identifier TxCxlSts?:CancellationIndividualStatus1Code CxlStsRsnInf*:CancellationStatusReason4 RsltnRltdInf?:ResolutionData1 OrgnlIntrBkSttlmAmt?:ActiveOrHistoricCurrencyAndAmount OrgnlIntrBkSttlmDt?:ISODate Assgnr?:Party40Choice Assgne?:Party40Choice OrgnlTxRef?:OriginalTransactionReference28',
  PaymentTransaction103:
    'all CxlStsId?:Max35Text RslvdCase?:Case5 OrgnlInstrId?:Max35Text OrgnlEndToEndId?:Max35Text UETR?:UUIDv4Identifier TxCxlSts?:CancellationIndividualStatus1Code CxlStsRsnInf*:CancellationStatusReason4 OrgnlInstdAmt?:ActiveOrHistoricCurrencyAndAmount OrgnlReqdExctnDt?:DateAndDateTime2Choice OrgnlReqdColltnDt?:ISODate OrgnlTxRef?:OriginalTransactionReference28',
  PaymentTransaction106:
    'all CxlId?:Max35Text Case?:Case5 OrgnlGrpInf?:OriginalGroupInformation29 OrgnlInstrId?:Max35Text OrgnlEndToEndId?:Max35Text OrgnlTxId?:Max35Text OrgnlUETR?:UUIDv4Identifier OrgnlClrSysRef?:Max35Text OrgnlIntrBkSttlmAmt?:ActiveOrHistoricCurrencyAndAmount OrgnlIntrBkSttlmDt?:ISODate Assgnr?:BranchAndFinancialInstitutionIdentification6 Assgne?:BranchAndFinancialInstitutionIdentification6 CxlRsnInf*:PaymentCancellationReason5 OrgnlTxRef?:OriginalTransactionReference28 SplmtryData*:SupplementaryData1',
  PaymentTransaction107:
    'all ModStsId?:Max35Text RslvdCase?:Case5 OrgnlGrpInf:OriginalGroupInformation29 OrgnlPmtInfId?:Max35Text OrgnlInstrId?:Max35Text OrgnlEndToEndId?:Max35Text OrgnlTxId?:Max35Text OrgnlClrSysRef?:Max35Text OrgnlUETR?:UUIDv4Identifier ModStsRsnInf*:ModificationStatusReason2 RsltnRltdInf?:ResolutionData1 OrgnlIntrBkSttlmAmt?:ActiveOrHistoricCurrencyAndAmount OrgnlIntrBkSttlmDt?:ISODate Assgnr?:Party40Choice Assgne?:Party40Choice OrgnlTxRef?:OriginalTransactionReference28',
  PaymentTransaction110:
    'all StsId?:Max35Text OrgnlGrpInf?:OriginalGroupInformation29 OrgnlInstrId?:Max35Text OrgnlEndToEndId?:Max35Text OrgnlTxId?:Max35Text OrgnlUETR?:UUIDv4Identifier TxSts?:ExternalPaymentTransactionStatus1Code StsRsnInf*:StatusReasonInformation12 ChrgsInf*:Charges7 AccptncDtTm?:ISODateTime FctvIntrBkSttlmDt?:DateAndDateTime2Choice AcctSvcrRef?:Max35Text ClrSysRef?:Max35Text InstgAgt?:BranchAndFinancialInstitutionIdentification6 InstdAgt?:BranchAndFinancialInstitutionIdentification6 OrgnlTxRef?:OriginalTransactionReference28 SplmtryData*:SupplementaryData1',
  PaymentTransaction112:
    'all RtrId?:Max35Text OrgnlGrpInf?:OriginalGroupInformation29 OrgnlInstrId?:Max35Text OrgnlEndToEndId?:Max35Text OrgnlTxId?:Max35Text OrgnlUETR?:UUIDv4Identifier OrgnlClrSysRef?:Max35Text OrgnlIntrBkSttlmAmt?:ActiveOrHistoricCurrencyAndAmount OrgnlIntrBkSttlmDt?:ISODate RtrdIntrBkSttlmAmt:ActiveCurrencyAndAmount IntrBkSttlmDt?:ISODate SttlmPrty?:Priority3Code SttlmTmIndctn?:SettlementDateTimeIndication1 RtrdInstdAmt?:ActiveOrHistoricCurrencyAndAmount XchgRate?:BaseOneRate CompstnAmt?:ActiveOrHistoricCurrencyAndAmount ChrgBr?:ChargeBearerType1Code ChrgsInf*:Charges7 ClrSysRef?:Max35Text InstgAgt?:BranchAndFinancialInstitutionIdentification6 InstdAgt?:BranchAndFinancialInstitutionIdentification6 RtrChain?:TransactionParties7 RtrRsnInf*:PaymentReturnReason6 OrgnlTxRef?:OriginalTransactionReference28 SplmtryData*:SupplementaryData1',
  PaymentTransaction113:
    'all StsReqId?:Max35Text OrgnlGrpInf?:OriginalGroupInformation29 OrgnlInstrId?:Max35Text OrgnlEndToEndId?:Max35Text OrgnlTxId?:Max35Text OrgnlUETR?:UUIDv4Identifier AccptncDtTm?:ISODateTime ClrSysRef?:Max35Text InstgAgt?:BranchAndFinancialInstitutionIdentification6 InstdAgt?:BranchAndFinancialInstitutionIdentification6 OrgnlTxRef?:OriginalTransactionReference28 SplmtryData*:SupplementaryData1',
  PaymentType3Code:
    'code CBS BCK BAL CLS CTR CBH CBP DPG DPN EXP TCH LMT LIQ DPP DPH DPS STF TRP TCS LOA LOR TCP OND MGL',
  PaymentType4Choice: 'one Cd:PaymentType3Code Prtry:Max35Text',
  PaymentTypeInformation27:
    'all InstrPrty?:Priority2Code ClrChanl?:ClearingChannel2Code SvcLvl*:ServiceLevel8Choice LclInstrm?:LocalInstrument2Choice SeqTp?:SequenceType3Code CtgyPurp?:CategoryPurpose1Choice',
  PaymentTypeInformation28:
    'all InstrPrty?:Priority2Code ClrChanl?:ClearingChannel2Code SvcLvl*:ServiceLevel8Choice LclInstrm?:LocalInstrument2Choice CtgyPurp?:CategoryPurpose1Choice',
  PercentageRate: 'decimal 11 10',
  PersonIdentification13:
    'all DtAndPlcOfBirth?:DateAndPlaceOfBirth1 Othr*:GenericPersonIdentification1',
  PersonIdentificationSchemeName1Choice: 'one Cd:ExternalPersonIdentification1Code Prtry:Max35Text',
  PhoneNumber: 'pattern \\+[0-9]{1,3}-[0-9()+\\-]{1,30}',
  PlainCardData1:
    'all PAN:Min8Max28NumericText CardSeqNb?:Min2Max3NumericText FctvDt?:ISOYearMonth XpryDt:ISOYearMonth SvcCd?:Exact3NumericText TrckData*:TrackData1 CardSctyCd?:CardSecurityInformation1',
  PointOfInteraction1:
    'all Id:GenericIdentification32 SysNm?:Max70Text GrpId?:Max35Text Cpblties?:PointOfInteractionCapabilities1 Cmpnt*:PointOfInteractionComponent1',
  PointOfInteractionCapabilities1:
    'all CardRdngCpblties*:CardDataReading1Code CrdhldrVrfctnCpblties*:CardholderVerificationCapability1Code OnLineCpblties?:OnLineCapability1Code DispCpblties*:DisplayCapabilities1 PrtLineWidth?:Max3NumericText',
  PointOfInteractionComponent1:
    'all POICmpntTp:POIComponentType1Code ManfctrId?:Max35Text Mdl?:Max35Text VrsnNb?:Max16Text SrlNb?:Max35Text ApprvlNb*:Max70Text',
  PostalAddress24:
    'all AdrTp?:AddressType3Choice Dept?:Max70Text SubDept?:Max70Text StrtNm?:Max70Text BldgNb?:Max16Text BldgNm?:Max35Text Flr?:Max70Text PstBx?:Max16Text Room?:Max70Text PstCd?:Max16Text TwnNm?:Max35Text TwnLctnNm?:Max35Text DstrctNm?:Max35Text CtrySubDvsn?:Max35Text Ctry?:CountryCode AdrLine*7:Max70Text',
  PreferredContactMethod1Code: 'code LETT MAIL PHON FAXX CELL',
  Price7: 'all Tp:YieldedOrValueType1Choice Val:PriceRateOrAmount3Choice',
  PriceRateOrAmount3Choice:
    'one Rate:PercentageRate Amt:ActiveOrHistoricCurrencyAnd13DecimalAmount',
  PriceValueType1Code: 'code DISC PREM PARV',
  Priority1Choice: 'one Cd:Priority5Code Prtry:Max35Text',
  Priority2Code: 'code HIGH NORM',
  Priority3Code: 'code URGT HIGH NORM',
  Priority5Code: 'code HIGH LOWW NORM URGT',
  Product2:
    'all PdctCd:Max70Text UnitOfMeasr?:UnitOfMeasure1Code PdctQty?:DecimalNumber UnitPric?:ImpliedCurrencyAndAmount PdctAmt?:ImpliedCurrencyAndAmount TaxTp?:Max35Text AddtlPdctInf?:Max35Text',
  ProprietaryAgent4: 'all Tp:Max35Text Agt:BranchAndFinancialInstitutionIdentification6',
  ProprietaryBankTransactionCodeStructure1: 'all Cd:Max35Text Issr?:Max35Text',
  ProprietaryDate3: 'all Tp:Max35Text Dt:DateAndDateTime2Choice',
  ProprietaryParty5: 'all Tp:Max35Text Pty:Party40Choice',
  ProprietaryPrice2: 'all Tp:Max35Text Pric:ActiveOrHistoricCurrencyAndAmount',
  ProprietaryQuantity1: 'all Tp:Max35Text Qty:Max35Text',
  ProprietaryReference1: 'all Tp:Max35Text Ref:Max35Text',
  ProxyAccountIdentification1: 'all Tp?:ProxyAccountType1Choice Id:Max2048Text',
  ProxyAccountType1Choice: 'one Cd:ExternalProxyAccountType1Code Prtry:Max35Text',
  Purpose2Choice: 'one Cd:ExternalPurpose1Code Prtry:Max35Text',
  QueryType3Code: 'code ALLL CHNG MODF',
  QueueTransactionIdentification1: 'all QId:Max16Text PosInQ:Max16Text',
  Rate4: 'all Tp:RateType4Choice VldtyRg?:ActiveOrHistoricCurrencyAndAmountRange2',
  RateType4Choice: 'one Pctg:PercentageRate Othr:Max35Text',
  Receipt3:
    'all OrgnlMsgId:OriginalMessageAndIssuer1 OrgnlPmtId?:PaymentIdentification6Choice ReqHdlg*:RequestHandling1',
  ReceiptV05: 'all MsgHdr:MessageHeader9 RctDtls+:Receipt3 SplmtryData*:SupplementaryData1',
  ReferredDocumentInformation7:
    'all Tp?:ReferredDocumentType4 Nb?:Max35Text RltdDt?:ISODate LineDtls*:DocumentLineInformation1',
  ReferredDocumentType3Choice: 'one Cd:DocumentType6Code Prtry:Max35Text',
  ReferredDocumentType4: 'all CdOrPrtry:ReferredDocumentType3Choice Issr?:Max35Text',
  RegulatoryAuthority2: 'all Nm?:Max140Text Ctry?:CountryCode',
  RegulatoryReporting3:
    'all DbtCdtRptgInd?:RegulatoryReportingType1Code Authrty?:RegulatoryAuthority2 Dtls*:StructuredRegulatoryReporting3',
  RegulatoryReportingType1Code: 'code CRED DEBT BOTH',
  RemittanceAmount2:
    'all DuePyblAmt?:ActiveOrHistoricCurrencyAndAmount DscntApldAmt*:DiscountAmountAndType1 CdtNoteAmt?:ActiveOrHistoricCurrencyAndAmount TaxAmt*:TaxAmountAndType1 AdjstmntAmtAndRsn*:DocumentAdjustment1 RmtdAmt?:ActiveOrHistoricCurrencyAndAmount',
  RemittanceAmount3:
    'all DuePyblAmt?:ActiveOrHistoricCurrencyAndAmount DscntApldAmt*:DiscountAmountAndType1 CdtNoteAmt?:ActiveOrHistoricCurrencyAndAmount TaxAmt*:TaxAmountAndType1 AdjstmntAmtAndRsn*:DocumentAdjustment1 RmtdAmt?:ActiveOrHistoricCurrencyAndAmount',
  RemittanceInformation16: 'all Ustrd*:Max140Text Strd*:StructuredRemittanceInformation16',
  RemittanceInformation2: 'all Ustrd*:Max140Text',
  RemittanceLocation7: 'all RmtId?:Max35Text RmtLctnDtls*:RemittanceLocationData1',
  RemittanceLocationData1:
    'all Mtd:RemittanceLocationMethod2Code ElctrncAdr?:Max2048Text PstlAdr?:NameAndAddress16',
  RemittanceLocationMethod2Code: 'code FAXI EDIC URID EMAL POST SMSM',
  ReportEntry10:
    'all NtryRef?:Max35Text Amt:ActiveOrHistoricCurrencyAndAmount CdtDbtInd:CreditDebitCode RvslInd?:TrueFalseIndicator Sts:EntryStatus1Choice BookgDt?:DateAndDateTime2Choice ValDt?:DateAndDateTime2Choice AcctSvcrRef?:Max35Text Avlbty*:CashAvailability1 BkTxCd:BankTransactionCodeStructure4 ComssnWvrInd?:YesNoIndicator AddtlInfInd?:MessageIdentification2 AmtDtls?:AmountAndCurrencyExchange3 Chrgs?:Charges6 TechInptChanl?:TechnicalInputChannel1Choice Intrst?:TransactionInterest4 CardTx?:CardEntry4 NtryDtls*:EntryDetails9 AddtlNtryInf?:Max500Text',
  ReportingPeriod2: 'all FrToDt:DatePeriodDetails1 FrToTm?:TimePeriodDetails1 Tp:QueryType3Code',
  ReportingRequest5:
    'all Id?:Max35Text ReqdMsgNmId:Max35Text Acct?:CashAccount38 AcctOwnr:Party40Choice AcctSvcr?:BranchAndFinancialInstitutionIdentification6 RptgPrd?:ReportingPeriod2 RptgSeq?:SequenceRange1Choice ReqdTxTp?:TransactionType2 ReqdBalTp*:BalanceType13',
  ReportingSource1Choice: 'one Cd:ExternalReportingSource1Code Prtry:Max35Text',
  RequestHandling1: 'all StsCd:Max4AlphaNumericText Desc?:Max140Text',
  RequestType4Choice:
    'one PmtCtrl:ExternalPaymentControlRequestType1Code Enqry:ExternalEnquiryRequestType1Code Prtry:GenericIdentification1',
  Reservation4: 'all StartDtTm?:DateAndDateTime2Choice Amt:Amount2Choice',
  ReservationIdentification2:
    'all RsvatnId?:Max35Text SysId?:SystemIdentification2Choice Tp:ReservationType1Choice AcctOwnr?:BranchAndFinancialInstitutionIdentification6 AcctId?:AccountIdentification4Choice',
  ReservationType1Choice: 'one Cd:ReservationType2Code Prtry:Max35Text',
  ReservationType2Code: 'code CARE UPAR NSSR HPAR THRE BLKD',
  ResolutionData1:
    'all EndToEndId?:Max35Text TxId?:Max35Text UETR?:UUIDv4Identifier IntrBkSttlmAmt?:ActiveOrHistoricCurrencyAndAmount IntrBkSttlmDt?:ISODate ClrChanl?:ClearingChannel2Code Compstn?:Compensation2 Chrgs*:Charges7',
  ResolutionOfInvestigationV09:
    'all Assgnmt:CaseAssignment5 RslvdCase?:Case5 Sts:InvestigationStatus5Choice CxlDtls*:UnderlyingTransaction22 ModDtls?:PaymentTransaction107 ClmNonRctDtls?:ClaimNonReceipt2Choice StmtDtls?:StatementResolutionEntry4 CrrctnTx?:CorrectiveTransaction4Choice RsltnRltdInf?:ResolutionData1 SplmtryData*:SupplementaryData1',
  ReturnReason5Choice: 'one Cd:ExternalReturnReason1Code Prtry:Max35Text',
  SecuritiesAccount19: 'all Id:Max35Text Tp?:GenericIdentification30 Nm?:Max70Text',
  SecurityIdentification19:
    'all ISIN?:ISINOct2015Identifier OthrId*:OtherIdentification1 Desc?:Max140Text',
  SequenceRange1: 'all FrSeq:Max35Text ToSeq:Max35Text',
  SequenceRange1Choice:
    'one FrSeq:Max35Text ToSeq:Max35Text FrToSeq+:SequenceRange1 EQSeq+:Max35Text NEQSeq+:Max35Text',
  SequenceType3Code: 'code FRST RCUR FNAL OOFF RPRE',
  ServiceLevel8Choice: 'one Cd:ExternalServiceLevel1Code Prtry:Max35Text',
  SettlementDateTimeIndication1: 'all DbtDtTm?:ISODateTime CdtDtTm?:ISODateTime',
  SettlementInstruction7:
    'all SttlmMtd:SettlementMethod1Code SttlmAcct?:CashAccount38 ClrSys?:ClearingSystemIdentification3Choice InstgRmbrsmntAgt?:BranchAndFinancialInstitutionIdentification6 InstgRmbrsmntAgtAcct?:CashAccount38 InstdRmbrsmntAgt?:BranchAndFinancialInstitutionIdentification6 InstdRmbrsmntAgtAcct?:CashAccount38 ThrdRmbrsmntAgt?:BranchAndFinancialInstitutionIdentification6 ThrdRmbrsmntAgtAcct?:CashAccount38',
  SettlementMethod1Code: 'code INDA INGA COVE CLRG',
  SettlementTimeRequest2: 'all CLSTm?:ISOTime TillTm?:ISOTime FrTm?:ISOTime RjctTm?:ISOTime',
  ShortPaymentIdentification2:
    'all TxId:Max35Text IntrBkSttlmDt:ISODate InstgAgt:BranchAndFinancialInstitutionIdentification6',
  SignatureEnvelope: 'any',
  StatementResolutionEntry4:
    'all OrgnlGrpInf?:OriginalGroupInformation29 OrgnlStmtId?:Max35Text UETR?:UUIDv4Identifier AcctSvcrRef?:Max35Text CrrctdAmt?:ActiveOrHistoricCurrencyAndAmount Chrgs*:Charges6 Purp?:Purpose2Choice',
  StatusReason6Choice: 'one Cd:ExternalStatusReason1Code Prtry:Max35Text',
  StatusReasonInformation12:
    'all Orgtr?:PartyIdentification135 Rsn?:StatusReason6Choice AddtlInf*:Max105Text',
  StructuredRegulatoryReporting3:
    'all Tp?:Max35Text Dt?:ISODate Ctry?:CountryCode Cd?:Max10Text Amt?:ActiveOrHistoricCurrencyAndAmount Inf*:Max35Text',
  StructuredRemittanceInformation16:
    'all RfrdDocInf*:ReferredDocumentInformation7 RfrdDocAmt?:RemittanceAmount2 CdtrRefInf?:CreditorReferenceInformation2 Invcr?:PartyIdentification135 Invcee?:PartyIdentification135 TaxRmt?:TaxInformation7 GrnshmtRmt?:Garnishment3 AddtlRmtInf*3:Max140Text',
  SupplementaryData1: 'all PlcAndNm?:Max350Text Envlp:SupplementaryDataEnvelope1',
  SupplementaryDataEnvelope1: 'any',
  SystemIdentification2Choice:
    'one MktInfrstrctrId:MarketInfrastructureIdentification1Choice Ctry:CountryCode',
  TaxAmount2:
    'all Rate?:PercentageRate TaxblBaseAmt?:ActiveOrHistoricCurrencyAndAmount TtlAmt?:ActiveOrHistoricCurrencyAndAmount Dtls*:TaxRecordDetails2',
  TaxAmountAndType1: 'all Tp?:TaxAmountType1Choice Amt:ActiveOrHistoricCurrencyAndAmount',
  TaxAmountType1Choice: 'one Cd:ExternalTaxAmountType1Code Prtry:Max35Text',
  TaxAuthorisation1: 'all Titl?:Max35Text Nm?:Max140Text',
  TaxCharges2: 'all Id?:Max35Text Rate?:PercentageRate Amt?:ActiveOrHistoricCurrencyAndAmount',
  TaxInformation7:
    'all Cdtr?:TaxParty1 Dbtr?:TaxParty2 UltmtDbtr?:TaxParty2 AdmstnZone?:Max35Text RefNb?:Max140Text Mtd?:Max35Text TtlTaxblBaseAmt?:ActiveOrHistoricCurrencyAndAmount TtlTaxAmt?:ActiveOrHistoricCurrencyAndAmount Dt?:ISODate SeqNb?:Number Rcrd*:TaxRecord2',
  TaxInformation8:
    'all Cdtr?:TaxParty1 Dbtr?:TaxParty2 AdmstnZone?:Max35Text RefNb?:Max140Text Mtd?:Max35Text TtlTaxblBaseAmt?:ActiveOrHistoricCurrencyAndAmount TtlTaxAmt?:ActiveOrHistoricCurrencyAndAmount Dt?:ISODate SeqNb?:Number Rcrd*:TaxRecord2',
  TaxParty1: 'all TaxId?:Max35Text RegnId?:Max35Text TaxTp?:Max35Text',
  TaxParty2: 'all TaxId?:Max35Text RegnId?:Max35Text TaxTp?:Max35Text Authstn?:TaxAuthorisation1',
  TaxPeriod2: 'all Yr?:ISODate Tp?:TaxRecordPeriod1Code FrToDt?:DatePeriod2',
  TaxRecord2:
    'all Tp?:Max35Text Ctgy?:Max35Text CtgyDtls?:Max35Text DbtrSts?:Max35Text CertId?:Max35Text FrmsCd?:Max35Text Prd?:TaxPeriod2 TaxAmt?:TaxAmount2 AddtlInf?:Max140Text',
  TaxRecordDetails2: 'all Prd?:TaxPeriod2 Amt:ActiveOrHistoricCurrencyAndAmount',
  TaxRecordPeriod1Code:
    'code MM01 MM02 MM03 MM04 MM05 MM06 MM07 MM08 MM09 MM10 MM11 MM12 QTR1 QTR2 QTR3 QTR4 HLF1 HLF2',
  TechnicalInputChannel1Choice: 'one Cd:ExternalTechnicalInputChannel1Code Prtry:Max35Text',
  TimePeriodDetails1: 'all FrTm:ISOTime ToTm?:ISOTime',
  TotalTransactions6:
    'all TtlNtries?:NumberAndSumOfTransactions4 TtlCdtNtries?:NumberAndSumOfTransactions1 TtlDbtNtries?:NumberAndSumOfTransactions1 TtlNtriesPerBkTxCd*:TotalsPerBankTransactionCode5',
  TotalsPerBankTransactionCode5:
    'all NbOfNtries?:Max15NumericText Sum?:DecimalNumber TtlNetNtry?:AmountAndDirection35 CdtNtries?:NumberAndSumOfTransactions1 DbtNtries?:NumberAndSumOfTransactions1 FcstInd?:TrueFalseIndicator BkTxCd:BankTransactionCodeStructure4 Avlbty*:CashAvailability1 Dt?:DateAndDateTime2Choice',
  TrackData1: 'all TrckNb?:Exact1NumericText TrckVal:Max140Text',
  TransactionAgents5:
    'all InstgAgt?:BranchAndFinancialInstitutionIdentification6 InstdAgt?:BranchAndFinancialInstitutionIdentification6 DbtrAgt?:BranchAndFinancialInstitutionIdentification6 CdtrAgt?:BranchAndFinancialInstitutionIdentification6 IntrmyAgt1?:BranchAndFinancialInstitutionIdentification6 IntrmyAgt2?:BranchAndFinancialInstitutionIdentification6 IntrmyAgt3?:BranchAndFinancialInstitutionIdentification6 RcvgAgt?:BranchAndFinancialInstitutionIdentification6 DlvrgAgt?:BranchAndFinancialInstitutionIdentification6 IssgAgt?:BranchAndFinancialInstitutionIdentification6 SttlmPlc?:BranchAndFinancialInstitutionIdentification6 Prtry*:ProprietaryAgent4',
  TransactionChannel1Code: 'code MAIL TLPH ECOM TVPY',
  TransactionDates3:
    'all AccptncDtTm?:ISODateTime TradActvtyCtrctlSttlmDt?:ISODate TradDt?:ISODate IntrBkSttlmDt?:ISODate StartDt?:ISODate EndDt?:ISODate TxDtTm?:ISODateTime Prtry*:ProprietaryDate3',
  TransactionEnvironment1Code: 'code MERC PRIV PUBL',
  TransactionIdentifier1: 'all TxDtTm:ISODateTime TxRef:Max35Text',
  TransactionIndividualStatus1Code: 'code ACTC RJCT PDNG ACCP ACSP ACSC ACCR ACWC',
  TransactionInterest4:
    'all TtlIntrstAndTaxAmt?:ActiveOrHistoricCurrencyAndAmount Rcrd*:InterestRecord2',
  TransactionModification5:
    'all PmtId:PaymentIdentification6Choice NewPmtValSet:PaymentInstruction33',
  TransactionParties6:
    'all InitgPty?:Party40Choice Dbtr?:Party40Choice DbtrAcct?:CashAccount38 UltmtDbtr?:Party40Choice Cdtr?:Party40Choice CdtrAcct?:CashAccount38 UltmtCdtr?:Party40Choice TradgPty?:Party40Choice Prtry*:ProprietaryParty5',
  TransactionParties7:
    'all UltmtDbtr?:Party40Choice Dbtr:Party40Choice InitgPty?:Party40Choice DbtrAgt?:BranchAndFinancialInstitutionIdentification6 PrvsInstgAgt1?:BranchAndFinancialInstitutionIdentification6 PrvsInstgAgt2?:BranchAndFinancialInstitutionIdentification6 PrvsInstgAgt3?:BranchAndFinancialInstitutionIdentification6 IntrmyAgt1?:BranchAndFinancialInstitutionIdentification6 IntrmyAgt2?:BranchAndFinancialInstitutionIdentification6 IntrmyAgt3?:BranchAndFinancialInstitutionIdentification6 CdtrAgt?:BranchAndFinancialInstitutionIdentification6 Cdtr:Party40Choice UltmtCdtr?:Party40Choice',
  TransactionPrice4Choice: 'one DealPric:Price7 Prtry+:ProprietaryPrice2',
  TransactionQuantities3Choice:
    'one Qty:FinancialInstrumentQuantity1Choice OrgnlAndCurFaceAmt:OriginalAndCurrentQuantities1 Prtry:ProprietaryQuantity1',
  TransactionReferences6:
    'all MsgId?:Max35Text AcctSvcrRef?:Max35Text PmtInfId?:Max35Text InstrId?:Max35Text EndToEndId?:Max35Text UETR?:UUIDv4Identifier TxId?:Max35Text MndtId?:Max35Text ChqNb?:Max35Text ClrSysRef?:Max35Text AcctOwnrTxId?:Max35Text AcctSvcrTxId?:Max35Text MktInfrstrctrTxId?:Max35Text PrcgId?:Max35Text Prtry*:ProprietaryReference1',
  TransactionType2: 'all Sts:EntryStatus1Choice CdtDbtInd:CreditDebitCode FlrLmt*:Limit2',
  TrueFalseIndicator: 'boolean',
  UUIDv4Identifier: 'pattern [a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}',
  UnderlyingTransaction22:
    'all OrgnlGrpInfAndSts?:OriginalGroupHeader14 OrgnlPmtInfAndSts*:OriginalPaymentInstruction30 TxInfAndSts*:PaymentTransaction102',
  UnderlyingTransaction23:
    'all OrgnlGrpInfAndCxl?:OriginalGroupHeader15 TxInf*:PaymentTransaction106',
  UnicodeChartsCode: 'text',
  UnitOfMeasure1Code:
    'code PIEC TONS FOOT GBGA USGA GRAM INCH KILO PUND METR CMET MMET LITR CELI MILI GBOU USOU GBQA USQA GBPI USPI MILE KMET YARD SQKI HECT ARES SMET SCMT SMIL SQMI SQYA SQFO SQIN ACRE',
  UserInterface2Code: 'code MDSP CDSP',
  YesNoIndicator: 'boolean',
  YieldedOrValueType1Choice: 'one Yldd:YesNoIndicator ValTp:PriceValueType1Code',
};
