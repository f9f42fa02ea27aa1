#include "probes/observations/certificate.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace probes::observations {

namespace {

constexpr int most_versions = std::numeric_limits<std::int16_t>::max();  // a wrapped one might be taken for version 3

std::string_view word(SubjectAlternativeName::Kind kind) {
  switch (kind) {
    case SubjectAlternativeName::Kind::dns: return "dns";
    case SubjectAlternativeName::Kind::ip: return "ip";
    case SubjectAlternativeName::Kind::uri: return "uri";
    case SubjectAlternativeName::Kind::email: return "email";
    case SubjectAlternativeName::Kind::other: return "other";
  }
  return "other";
}

}  // namespace

// The block as it will be: the certificate, its lists, its text. Collects the text, and says of each piece where it will stand.
class Certificate::Layout {
 public:
  explicit Layout(const CertificateDraft& draft)
      : names_(sizeof(Certificate)),
        words_(names_ + draft.subject_alternative_names.size() * sizeof(SubjectAlternativeName)),
        text_(words_ + (draft.extended_key_usages.size() + draft.policies.size()) * sizeof(std::string_view)) {}

  Piece add(std::string_view text) {
    const Piece piece{static_cast<std::uint32_t>(size()), static_cast<std::uint32_t>(text.size())};
    bytes_ += text;
    return piece;
  }

  // A common name stands in the name of its holder already, unless it was escaped there: "CN=a,O=b", "/O=b/CN=a".
  Piece add_part_of(const Piece& whole, std::string_view text) {
    constexpr std::string_view attribute = "CN=";
    const std::string_view known = std::string_view(bytes_).substr(whole.begin - text_, whole.size);
    std::size_t offset = std::string_view::npos;
    if (known.starts_with(attribute) && known.substr(attribute.size()).starts_with(text)) offset = attribute.size();
    if (known.ends_with(text)) offset = known.size() - text.size();
    if (offset == std::string_view::npos) return add(text);
    return {whole.begin + static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(text.size())};
  }

  // Most certificates have their common name as an alternative name too.
  Piece add_names(const std::vector<CertificateDraft::Name>& names, const Piece& common_name, std::string_view common_name_text) {
    for (const auto& [kind, value] : names) {
      name_pieces_.emplace_back(kind, value == common_name_text ? common_name : add(value));
    }
    return {static_cast<std::uint32_t>(names_), static_cast<std::uint32_t>(names.size())};
  }

  Piece add_words(const std::vector<std::string>& words) {
    const std::size_t begin = words_ + word_pieces_.size() * sizeof(std::string_view);
    for (const std::string& word : words) word_pieces_.push_back(add(word));
    return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(words.size())};
  }

  std::size_t size() const { return text_ + bytes_.size(); }

  // Lays lists and text behind `certificate`, which stands at the beginning of a block of size().
  void write_behind(const Certificate& certificate, char* block) const {
    std::memcpy(block + text_, bytes_.data(), bytes_.size());
    char* place = block + names_;
    for (const auto& [kind, value] : name_pieces_) {
      ::new (place) SubjectAlternativeName{kind, certificate.text(value)};
      place += sizeof(SubjectAlternativeName);
    }
    for (const Piece& word : word_pieces_) {
      ::new (place) std::string_view(certificate.text(word));
      place += sizeof(std::string_view);
    }
  }

 private:
  // Where each part of the block begins, in bytes.
  const std::size_t names_;
  const std::size_t words_;
  const std::size_t text_;
  std::string bytes_;
  std::vector<std::pair<SubjectAlternativeName::Kind, Piece>> name_pieces_;
  std::vector<Piece> word_pieces_;
};

Certificate::Certificate(const CertificateDraft& draft, Layout& layout)
    : not_before_(draft.not_before),
      not_after_(draft.not_after),
      key_digest_(draft.key_digest),
      subject_(layout.add(draft.subject)),
      subject_common_name_(layout.add_part_of(subject_, draft.subject_common_name)),
      issuer_(layout.add(draft.issuer)),
      issuer_common_name_(layout.add_part_of(issuer_, draft.issuer_common_name)),
      serial_(layout.add(draft.serial)),
      fingerprint_sha256_(layout.add(draft.fingerprint_sha256)),
      key_type_(layout.add(draft.key_type)),
      key_curve_(layout.add(draft.key_curve)),
      signature_algorithm_(layout.add(draft.signature_algorithm)),
      authority_key_identifier_(layout.add(draft.authority_key_identifier)),
      subject_key_identifier_(layout.add(draft.subject_key_identifier)),
      subject_alternative_names_(
          layout.add_names(draft.subject_alternative_names, subject_common_name_, draft.subject_common_name)),
      extended_key_usages_(layout.add_words(draft.extended_key_usages)),
      policies_(layout.add_words(draft.policies)),
      key_bits_(draft.key_bits),
      version_(static_cast<std::int16_t>(std::clamp(draft.version, 0, most_versions))),
      authority_(draft.authority),
      self_issued_(draft.self_issued),
      subject_readable_(draft.subject_readable),
      issuer_readable_(draft.issuer_readable),
      bytes_(static_cast<std::uint32_t>(layout.size())) {}

CertificatePtr packed(const CertificateDraft& draft) {
  using Word = std::uint64_t;  // what everything in the block is aligned to
  static_assert(alignof(Certificate) <= alignof(Word) && alignof(SubjectAlternativeName) <= alignof(Word));
  static_assert(std::is_trivially_destructible_v<Certificate>);  // the block goes without it
  Certificate::Layout layout(draft);
  const Certificate shape(draft, layout);
  auto block = std::make_shared_for_overwrite<Word[]>((layout.size() + sizeof(Word) - 1) / sizeof(Word));
  const auto* certificate = ::new (block.get()) Certificate(shape);
  layout.write_behind(*certificate, reinterpret_cast<char*>(block.get()));
  return {std::move(block), certificate};
}

std::string key_word(const Certificate& certificate) {
  const std::string type(certificate.key_type());
  if (type == "ec" && !certificate.key_curve().empty()) return "ec:" + std::string(certificate.key_curve());
  const bool sized = type.starts_with("rsa") || type == "dsa" || type == "ec";
  if (sized && certificate.key_bits() > 0) return type + ":" + std::to_string(certificate.key_bits());
  return type;
}

std::string_view name_or_serial(const Certificate& certificate) {
  constexpr std::size_t shown = 16;
  if (!certificate.subject_common_name().empty()) return certificate.subject_common_name();
  for (const SubjectAlternativeName& name : certificate.subject_alternative_names())
    if (!name.value.empty()) return name.value;
  return certificate.serial().empty() ? certificate.fingerprint_sha256().substr(0, shown) : certificate.serial();
}

std::string joined_names(const Certificate& certificate) {
  std::string joined;
  for (const SubjectAlternativeName& name : certificate.subject_alternative_names()) {
    if (!joined.empty()) joined += ", ";
    joined.append(word(name.kind)).append(":").append(name.value);
  }
  return joined;
}

}  // namespace probes::observations
