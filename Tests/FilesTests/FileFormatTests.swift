import Files
import Dynamics
import Foundation
import TestSupport
import Testing

/// Files are told by what is in them.
@Suite struct FileFormatTests {
  private static func words(_ values: Int32...) -> [UInt8] { values.flatMap { NumPyFile.words($0) } }

  /// As much of a zip archive as is looked at: local headers with these names.
  private static func zip(_ names: String...) -> [UInt8] {
    names.flatMap { name -> [UInt8] in
      let length = UInt8(name.utf8.count)
      return Array("PK".utf8) + [3, 4] + [UInt8](repeating: 0, count: 22) + [length, 0, 0, 0] + Array(name.utf8)
        + [0x9C, 0x00, 0xFF]
    }
  }

  private static let hdf5: [UInt8] = [0x89] + Array("HDF\r\n".utf8) + [0x1A, 0x0A, 0]
  private static let noise = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }

  @Test(
    arguments: [
      ([0x1F, 0x8B, 8, 0], .gzip), (zip("X.npy", "y.npy"), .npz), (zip("readme.txt"), .zip),
      (zip("[Content_Types].xml", "xl/workbook.xml"), .excel),
      (zip("docProps/app.xml", "[Content_Types].xml", "xl/worksheets/sheet1.xml"), .excel),
      (zip("[Content_Types].xml", "word/document.xml"), .office), (zip("model/data.pkl"), .torch),
      (zip("mimetypeapplication/vnd.oasis.opendocument.spreadsheet"), .openDocument),
      (Array("PK".utf8) + [5, 6] + [UInt8](repeating: 0, count: 18), .zip),
      (hdf5, .hdf5), ([UInt8](repeating: 0, count: 512) + hdf5, .hdf5),
      ([UInt8](repeating: 7, count: 2048) + hdf5, .hdf5),
      (Array("CDF".utf8) + [1], .netCDF), (Array("CDF".utf8) + [2], .netCDF), (Array("CDF".utf8) + [5], .netCDF),
      (NumPyFile.bytes(shape: "(1,)", entries: NumPyFile.doubles([1])), .npy),
      ([0x89] + Array("PNG\r\n".utf8) + [0x1A, 0x0A], .png), ([0xFF, 0xD8, 0xFF, 0xE0], .jpeg),
      (Array("%PDF-1.7\n".utf8), .pdf), (Array("SQLite format 3".utf8) + [0], .sqlite),
      ([0x7F] + Array("ELF".utf8) + [2, 1], .elf), ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], .oldOffice),
      (Array("PAR1".utf8) + [0x15, 4, 0x15, 0, 0x15], .parquet), (Array("ARROW1".utf8) + [0, 0], .arrow),
      (Array("FEA1".utf8) + [0, 0], .arrow), (Array("RDX3\nX\n".utf8) + [0, 0, 0, 3], .rData),
      (Array("RDA3\nA\n3\n".utf8), .rData), (Array("X\n".utf8) + [0, 0, 0, 3], .rds),
      (words(0, 2, 2, 0, 2) + Array("X".utf8) + [0] + NumPyFile.doubles([1, 2, 3, 4]), .matlab4),
      (Array("MATLAB 5.0 MAT-file, Platform: GLNXA64".utf8), .matlab5),
      (Array("MATLAB 7.3 MAT-file, Platform: GLNXA64".utf8) + [UInt8](repeating: 0, count: 474) + hdf5, .matlab7),
      ([0xFD] + Array("7zXZ".utf8) + [0], .xz), ([0x28, 0xB5, 0x2F, 0xFD, 4], .zstd),
      (Array("BZh91AY&SY".utf8), .bzip2), (Array("BZh11AY&SY".utf8), .bzip2), ([0x80, 4, 0x95, 0, 0], .pickle),
      ([0xCB, 0x0D, 0x0D, 0x0A, 0, 0, 0, 0, 1], .bytecode), (Array("\n<!DOCTYPE html><html>".utf8), .html),
      (Array("version https://git-lfs.github.com/spec/v1\n".utf8), .gitPointer),
      (noise, .unknown), ([UInt8](repeating: 0, count: 100), .unknown),
      (NumPyFile.doubles((0..<100).map { sin(Double($0)) }), .unknown),
      ((0..<100).flatMap { NumPyFile.words(Int16($0)) }, .unknown),
      // Texts, however much their first letters remind of something.
      (Array("1,2\n3,4\n".utf8), .text), (Array("CDF,PDF\n1,2\n".utf8), .text), (Array("PAR1,PAR2\n1,2\n".utf8), .text),
      (Array("PK,a\n1,2\n".utf8), .text), (Array("A\n3\n262657\n".utf8), .text), (Array("X\n1\n2\n".utf8), .text),
      (Array("MATLAB,R\n1,2\n".utf8), .text), (Array("BZh,a\n1,2\n".utf8), .text), (Array("GRIB,a\n1,2\n".utf8), .text),
      (Array("<a>,b\n1,2\n".utf8), .text), ([0xEF, 0xBB, 0xBF] + Array("a,b\n1,2\n".utf8), .text),
      (Array("H\u{0}he,b,c,d,e,f\n1,2,3,4,5,6\n".utf8), .text),
      ([0x48, 0xF6, 0x68, 0x65] + Array(",b\n1,2\n".utf8), .text),
      (Array("1\n".utf8), .text), (Array("α,β,γ\n1,2,3\n".utf8), .text), ([0x80] + Array(",b\n1,2\n".utf8), .text),
      ([0xFF, 0xFE] + Array("a\u{0}\n\u{0}1\u{0}".utf8), .utf16LittleEndian), ([0xFE, 0xFF, 0, 0x61], .utf16BigEndian),
      (Array("1,2\n3,4\n".utf16).flatMap { NumPyFile.words($0) }, .utf16LittleEndian),
      (Array("1,2\n3,4\n".utf16).flatMap { NumPyFile.words($0.byteSwapped) }, .utf16BigEndian),
      ([0xFF, 0xFE, 0, 0, 0x31, 0, 0, 0], .utf32),
    ] as [([UInt8], FileFormat)])
  func recognises(_ bytes: [UInt8], _ format: FileFormat) {
    let found = FileFormat(head: bytes, tail: bytes)
    #expect(found == format)
  }

  /// What only the end of a large file tells.
  @Test func looksAtTheEnd() {
    let plain = Array("PAR1".utf8) + [UInt8](repeating: 0x41, count: 64)
    #expect(FileFormat(head: plain, tail: Array("AAAAPAR1".utf8)) == .parquet)
    #expect(FileFormat(head: plain) == .text)
    #expect(
      FileFormat(head: Self.zip("_rels/.rels"), tail: Self.zip("[Content_Types].xml", "xl/workbook.xml")) == .excel)
  }

  /// Every format has its own name, and says what to do.
  @Test func namesAndRemedies() {
    #expect(Set(FileFormat.allCases.map(\.rawValue)).count == FileFormat.allCases.count)
    for format in FileFormat.allCases { #expect((1..<80).contains(format.remedy.description.count)) }
  }
}
