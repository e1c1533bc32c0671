import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sends a payment to the Corridor gateway and reads its status until it is final. Java 17, no library:
 *
 *   java Pay.java URL NETWORK BIC KEY.pem CREDITOR_BIC CURRENCY AMOUNT
 */
public class Pay {
  static final String KEY_ID = "key-1";
  /** Try later; more slowly. */
  static final List<Integer> LATER = List.of(503, 429);
  /** Not decided yet, not final, or try later. */
  static final List<Integer> AGAIN = List.of(200, 404, 503, 429);
  static final HttpClient http = HttpClient.newHttpClient();
  static String network;
  static String bic;
  static PrivateKey key;

  public static void main(String[] args) throws Exception {
    String url = args[0];
    network = args[1];
    bic = args[2];
    key = readKey(Path.of(args[3]));
    String uetr = UUID.randomUUID().toString();
    byte[] payload = payment(uetr, args[4], args[5], args[6]).getBytes(StandardCharsets.UTF_8);

    HttpResponse<String> sent;
    do {
      // Sending again is safe: the same UETR with the same bytes settles once.
      sent = send(signed(url + "/payments", "payments", "pacs.008.001.08", uetr, payload)
          .header("content-type", "application/json")
          .POST(HttpRequest.BodyPublishers.ofByteArray(payload)));
      if (LATER.contains(sent.statusCode())) Thread.sleep(1000);
    } while (LATER.contains(sent.statusCode()));
    System.out.println(sent.statusCode() + " " + sent.body());
    if (sent.statusCode() != 202) System.exit(1);

    String target = "/payments/" + uetr;
    byte[] line = ("GET " + target).getBytes(StandardCharsets.US_ASCII);
    for (int attempt = 0; attempt < 100; attempt++) {
      HttpResponse<String> read =
          send(signed(url + target, "http", "corridor.query.1", "read-" + attempt, line).GET());
      if (read.statusCode() == 200 && read.body().contains("\"final\":true")) {
        System.out.println(read.body());
        System.exit(read.body().contains("\"state\":\"RJCT\"") ? 1 : 0);
      }
      if (!AGAIN.contains(read.statusCode())) {
        System.err.println(read.statusCode() + " " + read.body());
        System.exit(1);
      }
      Thread.sleep(100);
    }
    System.out.println(noticeOf(url, payload).orElse("no final status came"));
    System.exit(1);
  }

  /**
   * A message whose signature, key or time is refused has no status under its UETR: a notice among
   * the bank's statuses names its payload's digest.
   */
  static Optional<String> noticeOf(String url, byte[] payload) throws Exception {
    String from = "";
    while (true) {
      String target = "/banks/" + bic + "/statuses" + from;
      byte[] line = ("GET " + target).getBytes(StandardCharsets.US_ASCII);
      String page =
          send(signed(url + target, "http", "corridor.query.1", "notice", line).GET()).body();
      String[] items = page.split("(?=\\{\"position\")");
      for (String item : items)
        if (item.contains("payload sha256 " + digest(payload))) return Optional.of(item);
      Matcher next = Pattern.compile("\"next\":\"([^\"]+)\"").matcher(page);
      if (items.length == 1 || !next.find()) return Optional.empty();
      from = "?from=" + next.group(1);
    }
  }

  static String digest(byte[] payload) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(payload));
  }

  static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  static HttpRequest.Builder signed(
      String address, String topic, String type, String id, byte[] payload) throws Exception {
    String issuedAt = String.valueOf(System.currentTimeMillis());
    String text = String.join("\n",
        "CORRIDOR-SIG-V1", network, topic, type, bic, KEY_ID, id, issuedAt, digest(payload),
        "");
    Signature ed25519 = Signature.getInstance("Ed25519");
    ed25519.initSign(key);
    ed25519.update(text.getBytes(StandardCharsets.US_ASCII));
    return HttpRequest.newBuilder(URI.create(address))
        .header("ce-specversion", "1.0")
        .header("ce-id", id)
        .header("ce-source", bic)
        .header("ce-type", type)
        .header("ce-keyid", KEY_ID)
        .header("ce-issuedatms", issuedAt)
        .header("ce-signature", Base64.getEncoder().encodeToString(ed25519.sign()));
  }

  static PrivateKey readKey(Path file) throws Exception {
    String base64 = Files.readString(file).replaceAll("-----[A-Z ]+-----|\\s", "");
    return KeyFactory.getInstance("Ed25519")
        .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
  }

  static String payment(String uetr, String creditorAgent, String currency, String amount) {
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
            bic, bic, creditorAgent);
  }
}
