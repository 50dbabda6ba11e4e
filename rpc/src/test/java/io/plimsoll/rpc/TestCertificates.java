package io.plimsoll.rpc;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;

/**
 * An authority that issues certificates for tests, as PEM files in a directory. Certificates are
 * for 127.0.0.1 and localhost and last a day.
 */
public final class TestCertificates {
  private static final byte[] ECDSA_WITH_SHA256 = {
    0x06, 0x08, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x04, 0x03, 0x02
  };
  private static final byte[] COMMON_NAME = {0x06, 0x03, 0x55, 0x04, 0x03};
  private static final byte[] ALTERNATIVE_NAME = {0x06, 0x03, 0x55, 0x1d, 0x11};
  private static final byte[] BASIC_CONSTRAINTS = {0x06, 0x03, 0x55, 0x1d, 0x13};
  private static final int SEQUENCE = 0x30;
  private static final int SET = 0x31;
  private static final int OCTETS = 0x04;

  private final Path directory;
  private final String authority;
  private final KeyPair keys;
  private int serial = 1;

  /**
   * A new authority.
   *
   * @param authority its name, which begins the names of its files
   */
  public TestCertificates(Path directory, String authority) throws Exception {
    this.directory = directory;
    this.authority = authority;
    this.keys = newKeys();
    write("", keys, true);
  }

  /** The authority's own certificate. */
  public Path trust() {
    return file("", "crt");
  }

  /** Issues a certificate; a second one for the same name replaces the files of the first. */
  public void issue(String name) throws Exception {
    write(name, newKeys(), false);
  }

  /** Files of a party that was issued a certificate and trusts this authority alone. */
  public TlsFiles files(String name) {
    return TlsFiles.mutual(certificate(name), key(name), trust());
  }

  /** A party's certificate. */
  public Path certificate(String name) {
    return file(name, "crt");
  }

  /** A party's private key. */
  public Path key(String name) {
    return file(name, "key");
  }

  /** Who a server sees when the party connects. */
  public PeerIdentity identity(String name) throws Exception {
    try (var in = Files.newInputStream(certificate(name))) {
      return PeerIdentity.of(CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
  }

  private Path file(String name, String suffix) {
    return directory.resolve(authority + (name.isEmpty() ? "" : "-" + name) + "." + suffix);
  }

  private static KeyPair newKeys() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private void write(String name, KeyPair subject, boolean isAuthority) throws Exception {
    ZonedDateTime now = ZonedDateTime.now(ZoneOffset.UTC);
    byte[] algorithm = der(SEQUENCE, ECDSA_WITH_SHA256);
    byte[] content =
        der(
            SEQUENCE,
            der(0xa0, integer(2)),
            integer(serial++),
            algorithm,
            name(authority),
            der(SEQUENCE, time(now.minusHours(1)), time(now.plusDays(1))),
            name(isAuthority ? authority : name),
            subject.getPublic().getEncoded(),
            der(0xa3, der(SEQUENCE, isAuthority ? constraints() : alternativeNames())));
    byte[] certificate =
        der(SEQUENCE, content, algorithm, bits(signature(keys.getPrivate(), content)));
    X509Certificate read =
        (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(certificate));
    read.verify(keys.getPublic());
    pem(file(name, "crt"), "CERTIFICATE", certificate);
    pem(file(name, "key"), "PRIVATE KEY", subject.getPrivate().getEncoded());
  }

  private static byte[] signature(PrivateKey key, byte[] content) throws GeneralSecurityException {
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(key);
    signature.update(content);
    return signature.sign();
  }

  private static byte[] constraints() {
    byte[] isAuthority = der(SEQUENCE, der(0x01, new byte[] {(byte) 0xff}));
    return der(
        SEQUENCE, BASIC_CONSTRAINTS, der(0x01, new byte[] {(byte) 0xff}), der(OCTETS, isAuthority));
  }

  private static byte[] alternativeNames() {
    byte[] names =
        der(
            SEQUENCE,
            der(0x82, "localhost".getBytes(StandardCharsets.US_ASCII)),
            der(0x87, new byte[] {127, 0, 0, 1}));
    return der(SEQUENCE, ALTERNATIVE_NAME, der(OCTETS, names));
  }

  private static byte[] name(String commonName) {
    byte[] text = der(0x0c, commonName.getBytes(StandardCharsets.UTF_8));
    return der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, text)));
  }

  private static byte[] time(ZonedDateTime time) {
    String text = DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").format(time);
    return der(0x17, text.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] integer(int value) {
    return der(0x02, BigInteger.valueOf(value).toByteArray());
  }

  private static byte[] bits(byte[] content) {
    return der(0x03, new byte[1], content);
  }

  private static byte[] der(int tag, byte[]... contents) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : contents) {
      content.writeBytes(part);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    int length = content.size();
    if (length < 0x80) {
      out.write(length);
    } else {
      byte[] bytes = BigInteger.valueOf(length).toByteArray();
      int skip = bytes[0] == 0 ? 1 : 0;
      out.write(0x80 + bytes.length - skip);
      out.write(bytes, skip, bytes.length - skip);
    }
    out.writeBytes(content.toByteArray());
    return out.toByteArray();
  }

  private static void pem(Path file, String type, byte[] content) throws IOException {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    Files.writeString(
        file,
        "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n",
        StandardCharsets.US_ASCII);
  }
}
