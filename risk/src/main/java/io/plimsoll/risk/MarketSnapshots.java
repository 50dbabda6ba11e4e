package io.plimsoll.risk;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.plimsoll.proto.v1.AssetMarket;
import io.plimsoll.proto.v1.ExpiryMarket;
import io.plimsoll.proto.v1.FutureMarket;
import io.plimsoll.proto.v1.MarketSnapshot;
import io.plimsoll.proto.v1.OptionQuote;
import io.plimsoll.proto.v1.UnderlyingMarket;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

/** Market files (proto3 JSON of {@code MarketSnapshot}) and what can be made from one. */
public final class MarketSnapshots {
  /** Longest market file, in bytes. */
  public static final int MAX_BYTES = 16 << 20;

  private static final String BTC_OPTIONS = "btc-options-2021-10-21.json";

  private MarketSnapshots() {}

  /**
   * The BTC option chain of 21 October 2021 with illustrative assets, rates and scenarios. Its
   * source and licence are in a notice beside the file.
   */
  public static MarketSnapshot btcOptions() {
    try (InputStream in = MarketSnapshots.class.getResourceAsStream(BTC_OPTIONS)) {
      return parse(BTC_OPTIONS, in.readAllBytes());
    } catch (IOException | InvalidFormatException e) {
      throw new IllegalStateException("the packaged market file is damaged", e);
    }
  }

  /**
   * Reads and checks a market file.
   *
   * @throws InvalidFormatException if there is none, it is too long, not proto3 JSON of a snapshot,
   *     or a value in it is not plausible
   */
  public static MarketSnapshot read(Path file) throws IOException, InvalidFormatException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new InvalidFormatException(
            "market file " + file + ": has more than " + MAX_BYTES + " bytes");
      }
      return parse(file.toString(), bytes);
    } catch (NoSuchFileException e) {
      throw new InvalidFormatException("market file " + file + ": does not exist");
    }
  }

  private static MarketSnapshot parse(String name, byte[] json) throws InvalidFormatException {
    MarketSnapshot.Builder snapshot = MarketSnapshot.newBuilder();
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
      StrictJson.require("market file " + name, text);
      JsonFormat.parser().merge(text, snapshot);
    } catch (CharacterCodingException e) {
      throw new InvalidFormatException("market file " + name + ": is not UTF-8");
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidFormatException(
          "market file "
              + name
              + ": is not proto3 JSON of a MarketSnapshot: "
              + e.getMessage().lines().findFirst().orElse(""));
    }
    Market.read(snapshot.build());
    return snapshot.build();
  }

  /**
   * The market after relative moves: forwards, spots and futures move by {@code priceMove}, with
   * them each asset that has the name of an underlying (others, such as stablecoins, stay), and
   * implied volatilities by {@code volatilityMove}. Exact; everything else stays as it is, the time
   * included.
   *
   * @param priceMove plain decimal above -1, for example {@code -0.3}
   * @param volatilityMove plain decimal above -1, for example {@code 0.5}
   * @throws InvalidFormatException if a move is not as said, or the market before or after it is
   *     not plausible
   */
  public static MarketSnapshot stressed(
      MarketSnapshot snapshot, String priceMove, String volatilityMove)
      throws InvalidFormatException {
    Market.read(snapshot);
    BigDecimal price = factor("price move", priceMove);
    BigDecimal volatility = factor("volatility move", volatilityMove);
    MarketSnapshot.Builder stressed = snapshot.toBuilder();
    for (UnderlyingMarket.Builder underlying : stressed.getUnderlyingsBuilderList()) {
      if (!underlying.getSpot().isEmpty()) {
        underlying.setSpot(times(underlying.getSpot(), price));
      }
      for (FutureMarket.Builder future : underlying.getFuturesBuilderList()) {
        future.setMark(times(future.getMark(), price));
      }
      for (ExpiryMarket.Builder expiry : underlying.getExpiriesBuilderList()) {
        expiry.setForward(times(expiry.getForward(), price));
        for (OptionQuote.Builder option : expiry.getOptionsBuilderList()) {
          option
              .setBidImpliedVolatility(times(option.getBidImpliedVolatility(), volatility))
              .setAskImpliedVolatility(times(option.getAskImpliedVolatility(), volatility));
        }
      }
    }
    Set<String> moving =
        snapshot.getUnderlyingsList().stream()
            .map(UnderlyingMarket::getName)
            .collect(Collectors.toSet());
    for (AssetMarket.Builder asset : stressed.getAssetsBuilderList()) {
      if (moving.contains(asset.getName())) {
        asset.setPrice(times(asset.getPrice(), price));
      }
    }
    Market.read(stressed.build());
    return stressed.build();
  }

  private static BigDecimal factor(String field, String move) throws InvalidFormatException {
    return BigDecimal.ONE.add(Fields.decimal(field, move, "-0.999", "10"));
  }

  private static String times(String decimal, BigDecimal factor) {
    BigDecimal product = new BigDecimal(decimal).multiply(factor);
    return product.signum() == 0 ? "0" : product.stripTrailingZeros().toPlainString();
  }
}
