import pytest

from benchmarks.circumstances import circumstances, described, processor

SERVER = "flags\t\t: fpu sse2 avx avx2 fma avx512f avx512dq avx512_vnni avx512_bf16 amx_bf16 amx_tile amx_int8"


@pytest.mark.parametrize(
    ("architecture", "features", "said"),
    [
        ("x86_64", SERVER, "x86_64 (avx2, avx512, vnni, amx)"),
        ("x86_64", "flags : fpu sse2 avx avx2 fma rdrand", "x86_64 (avx2; no avx512, vnni, amx)"),
        ("x86_64", "flags : avx2 avx_vnni", "x86_64 (avx2, vnni; no avx512, amx)"),
        ("aarch64", "Features\t: fp asimd asimddp i8mm", "aarch64 (neon, dotprod, i8mm; no sve, sme)"),
        (
            "arm64",
            "hw.optional.arm.AdvSIMD: 1 hw.optional.arm.FEAT_DotProd: 1",
            "arm64 (neon, dotprod; no i8mm, sve, sme)",
        ),
        ("x86_64", "machdep.cpu.leaf7_features: SMEP AVX2 AVX512F", "x86_64 (avx2, avx512; no vnni, amx)"),
        ("AMD64", "", "AMD64 (instructions unknown)"),
    ],
)
def test_a_result_says_which_instructions_the_processor_has(architecture, features, said):
    assert described(architecture, features) == said


def test_every_result_names_the_processor_that_it_ran_on():
    assert processor() in circumstances(0.0)["machine"]
