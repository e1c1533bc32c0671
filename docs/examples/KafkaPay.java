import java.io.FileReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Sends a payment to Corridor over Kafka and reads its status until it is final. Java 17 and kafka-clients:
 *
 *   java -cp CLASSPATH KafkaPay.java BROKERS NETWORK BIC KEY.pem CREDITOR_BIC CURRENCY AMOUNT
 *
 * More settings of the client, such as certificates, stand in the properties file that KAFKA_CONFIG names.
 */
public class KafkaPay {
  static final String KEY_ID = "key-1";
  static final Duration WAIT = Duration.ofSeconds(30);
  static final Pattern STATE = Pattern.compile("\"TxSts\":\"(ACSC|RJCT|CANC)\"");

  public static void main(String[] args) throws Exception {
    String network = args[1];
    String bic = args[2];
    PrivateKey key = readKey(Path.of(args[3]));
    String uetr = UUID.randomUUID().toString();
    byte[] payload = payment(uetr, bic, args[4], args[5], args[6]).getBytes(StandardCharsets.UTF_8);
    String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(payload));

    ProducerRecord<String, byte[]> record = new ProducerRecord<>("payments", bic, payload);
    String issuedAt = String.valueOf(System.currentTimeMillis());
    header(record, "ce_specversion", "1.0");
    header(record, "ce_id", uetr);
    header(record, "ce_source", bic);
    header(record, "ce_type", "pacs.008.001.08");
    header(record, "ce_keyid", KEY_ID);
    header(record, "ce_issuedatms", issuedAt);
    header(record, "ce_signature", sign(key, String.join("\n",
        "CORRIDOR-SIG-V1", network, "payments", "pacs.008.001.08", bic, KEY_ID, uetr, issuedAt,
        digest, "")));
    header(record, "content-type", "application/json");
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(settings(args[0]), new StringSerializer(), new ByteArraySerializer())) {
      // Idempotent, and sent again until the broker has it: a payment settles once.
      producer.send(record).get();
    }
    System.exit(finalStatus(args[0], bic, uetr, digest).equals("ACSC") ? 0 : 1);
  }

  /**
   * Reads the bank's statuses from the first on. A bank's own program would keep its place in a group whose
   * name begins with its BIC, and would drop what it has seen by (ce_pool, ce_eventnumber, ce_id).
   */
  static String finalStatus(String brokers, String bic, String uetr, String digest)
      throws Exception {
    Properties settings = settings(brokers);
    settings.put("group.id", bic + ".example");
    settings.put("enable.auto.commit", "false");
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partition = List.of(new TopicPartition("statuses." + bic, 0));
      consumer.assign(partition);
      consumer.seekToBeginning(partition);
      Instant end = Instant.now().plus(WAIT);
      while (Instant.now().isBefore(end)) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          String report = new String(record.value(), StandardCharsets.UTF_8);
          // A message whose signature, key or time is refused has no status under its UETR: a notice
          // names its digest.
          boolean isNotice = !report.contains("\"OrgnlUETR\"") && report.contains(digest);
          if (!report.contains("\"OrgnlUETR\":\"" + uetr + "\"") && !isNotice) continue;
          System.out.println(report);
          Matcher state = STATE.matcher(report);
          if (state.find()) return state.group(1);
        }
      }
    }
    System.err.println(uetr + " has no final status after " + WAIT.toSeconds() + " s");
    return "none";
  }

  static Properties settings(String brokers) throws Exception {
    Properties settings = new Properties();
    String file = System.getenv("KAFKA_CONFIG");
    if (file != null)
      try (FileReader reader = new FileReader(file)) {
        settings.load(reader);
      }
    settings.put("bootstrap.servers", brokers);
    return settings;
  }

  static void header(ProducerRecord<String, byte[]> record, String name, String value) {
    record.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
  }

  static String sign(PrivateKey key, String text) throws Exception {
    Signature ed25519 = Signature.getInstance("Ed25519");
    ed25519.initSign(key);
    ed25519.update(text.getBytes(StandardCharsets.US_ASCII));
    return Base64.getEncoder().encodeToString(ed25519.sign());
  }

  static PrivateKey readKey(Path file) throws Exception {
    String base64 = Files.readString(file).replaceAll("-----[A-Z ]+-----|\\s", "");
    return KeyFactory.getInstance("Ed25519")
        .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
  }

  static String payment(
      String uetr, String debtorAgent, String creditorAgent, String currency, String amount) {
    return """
        {"Document": {"FIToFICstmrCdtTrf": {
          "GrpHdr": {"MsgId": "M-1", "CreDtTm": "%s", "NbOfTxs": "1",
                     "SttlmInf": {"SttlmMtd": "CLRG"}},
          "CdtTrfTxInf": [{
            "PmtId": {"EndToEndId": "E-1", "UETR": "%s"},
            "IntrBkSttlmAmt": {"Ccy": "%s", "Amt": "%s"},
            "IntrBkSttlmDt": "%s",
            "ChrgBr": "SHAR",
            "InstgAgt": {"FinInstnId": {"BICFI": "%s"}},
            "Dbtr": {"Nm": "A. Payer"},
            "DbtrAgt": {"FinInstnId": {"BICFI": "%s"}},
            "CdtrAgt": {"FinInstnId": {"BICFI": "%s"}},
            "Cdtr": {"Nm": "B. Payee"}
          }]
        }}}
        """.formatted(Instant.now(), uetr, currency, amount, LocalDate.now(ZoneOffset.UTC),
            debtorAgent, debtorAgent, creditorAgent);
  }
}
