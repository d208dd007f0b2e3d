"""Units that may follow a number in English, Chinese and Japanese: the quantity they measure, and their factor.

The table contains only units in which papers report results. A word that is not in the table is not
compared: `60 images` and `60 videos` are equal here. The purpose is to detect a number that changes its
quantity (dB to %) or its magnitude (ms to s, GB to MB).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

PERCENT = "%"


@dataclass(frozen=True)
class Unit:
    """A unit of measurement. `kinds` are the quantities it can measure: several if ambiguous (`times`)."""

    name: str
    kinds: frozenset[str]
    factor: Decimal  # in base units of the quantity

    def is_compatible(self, other: Unit) -> bool:
        """Return True if both units can measure the same quantity."""
        return not self.kinds.isdisjoint(other.kinds)


# kinds | factor | spellings; Latin spellings ignore case, except those in CASE_SENSITIVE
UNIT_TABLE = """
percent | 1 | % ％ パーセント
percent | 1 | pp pps ppt 百分点 パーセントポイント ポイント
percent count | 1 | point points pts 点
ratio | 1 | x fold 倍
ratio count | 1 | times
time | 1e-9 | ns 纳秒
time | 1e-6 | μs us 微秒
time | 1e-3 | ms msec millisecond milliseconds 毫秒 ミリ秒
time | 1 | s sec secs second seconds 秒 秒钟
time | 60 | min mins minute minutes 分钟 分間
time | 3600 | h hr hrs hour hours 小时 時間
time | 86400 | day days 天
time | 604800 | week weeks 周 星期 週間
time | 2629800 | month months 月 ヶ月 か月
time | 31557600 | year years 年 年間
bytes | 1e3 | KB KiB
bytes | 1e6 | MB MiB
bytes | 1e9 | GB GiB
bytes | 1e12 | TB TiB
bytes | 1e15 | PB
bytes flops | 1e9 | G
bytes | 1 | byte bytes 字节 バイト
flops | 1e6 | MFLOP MFLOPs MMACs
flops | 1e9 | GFLOP GFLOPs GMAC GMACs
flops | 1e12 | TFLOP TFLOPs TMACs TOPS
bits | 1 | bit bits 比特 ビット
bits count | 1 | 位
bpp | 1 | bpp
decibel | 1 | dB dBs 分贝 デシベル
hertz | 1 | Hz 赫兹
hertz | 1e3 | kHz
hertz | 1e6 | MHz
hertz | 1e9 | GHz
fps | 1 | fps
fps count | 1 | 帧 フレーム
length | 1e-9 | nm 纳米
length | 1e-6 | μm um micron microns 微米
length | 1e-3 | mm millimeter millimeters millimetre millimetres 毫米
length | 1e-2 | cm centimeter centimeters centimetre centimetres 厘米
length | 1 | meter meters metre metres 米
length count | 1 | m
length | 1e3 | km kilometer kilometers kilometre kilometres 公里 千米
weight | 1e-3 | mg 毫克
weight | 1 | gram grams 克
weight | 1e3 | kg 公斤 千克
pixels | 1 | px pixel pixels 像素 ピクセル
pixels | 1e6 | MP megapixel megapixels
angle | 1 | deg degree degrees 度
orders | 1 | oom 数量级 桁
money | 1 | USD dollar dollars 美元 ドル
power | 1e-3 | mW 毫瓦
power | 1 | W watt watts 瓦
count | 1 | 个 個 张 張 枚 幅 种 種 種類 类 類 项 条 篇 层 層 步 次 回 件 名 人 只 台 段 组 套 对 轮 块 本 部 所 座 门 行 列 つ
"""
CASE_SENSITIVE = {"s", "h", "G", "W", "m", "MB", "mW", "MP"}  # with other capitals these mean something else
# Counters that may follow a Chinese numeral, but measure nothing comparable.
_COUNTERS = "阶段 阶 维 維 路 折 轮 级 头 类别 模态 任务 数据集 模型 方法 场景 领域 语言 国家 城市 视角 样本"
COUNTERS = tuple(_COUNTERS.split())


def _rows() -> Iterator[tuple[str, Unit]]:
    for row in UNIT_TABLE.strip().split("\n"):
        kinds, factor, spellings = (part.strip() for part in row.split("|"))
        for spelling in spellings.split():
            name = PERCENT if spelling in {"%", "％", "パーセント"} else spelling
            unit = Unit(name, frozenset(kinds.split()), Decimal(factor))
            yield spelling, unit
            if spelling.isascii() and spelling not in CASE_SENSITIVE:
                yield spelling.lower(), unit


UNITS: dict[str, Unit] = dict(_rows())
NON_ASCII_UNITS = sorted((word for word in UNITS if not word[0].isascii()), key=len, reverse=True)


def unit_of(word: str) -> Unit | None:
    """Return the unit that a word spells, or None. `X` is a ratio like `x`, but `mb` is not `MB`."""
    lower = word.lower()
    return UNITS.get(word if lower in CASE_SENSITIVE else lower, UNITS.get(word))
